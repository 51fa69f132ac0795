"""What can be imported into the accounts floor; registered with the imports below in ``AppConfig.ready()``."""
