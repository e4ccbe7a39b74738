"""Sets up, starts and checks the product; standard library only, since it runs before the venv exists."""
