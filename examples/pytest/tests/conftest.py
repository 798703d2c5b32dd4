pytest_plugins = ["linarite", "pytester"]
