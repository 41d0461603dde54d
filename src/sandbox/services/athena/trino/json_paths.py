class JsonPaths:
    pass
