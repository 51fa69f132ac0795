/* Entry: starts what every page has, then what this page has. */

import { startAgo } from "./ago.js";
import { startKeys } from "./keys.js";
import { startMenus } from "./menu.js";
import { startSearch } from "./search.js";
import { startTheme } from "./theme.js";
import { startToasts } from "./toast.js";

startTheme();
startMenus();
startKeys();
startSearch();
startToasts();
startAgo();
