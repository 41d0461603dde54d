"""`Job`: says when it was begun and committed."""


class Job:
    def __init__(self, glue_context):
        self.name = None

    def init(self, job_name, args={}):
        self.name = job_name

    def commit(self):
        print(f"committed {self.name}", flush=True)
