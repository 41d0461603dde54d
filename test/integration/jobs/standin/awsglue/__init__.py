"""A stand-in with the interface of AWS Glue's library that the jobs' adapter uses."""
