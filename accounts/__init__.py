"""The customer companies: accounts, their people, products, use and timeline; facts and conditions over them."""
