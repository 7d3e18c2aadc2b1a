"""Runs the aws CLI's own program again and again in one process: starting Python anew takes longer than all the rest.

A line of JSON in, {"args", "env", "cwd"}; a line of JSON out, {"code", "stdout", "stderr"}.
"""

import io
import json
import os
import sys

from awscli.clidriver import create_clidriver

lines, answers = sys.stdin, sys.stdout
# The package says where its own data lies when it is loaded, and only then.
own = {name: value for name, value in os.environ.items() if name == "AWS_DATA_PATH"}


def captured():
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def read(stream):
    stream.flush()
    return stream.buffer.getvalue().decode("utf-8", "replace")


def ran(args, env, cwd):
    os.environ.clear()
    os.environ.update({**own, **env})
    os.chdir(cwd)
    sys.stdout, sys.stderr = out, err = captured(), captured()
    sys.stdin = io.StringIO("")
    try:
        code = create_clidriver().main(args)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.stdout, sys.stderr = answers, sys.__stderr__
    return {"code": code or 0, "stdout": read(out), "stderr": read(err)}


for line in lines:
    asked = json.loads(line)
    answers.write(json.dumps(ran(asked["args"], asked["env"], asked["cwd"])) + "\n")
    answers.flush()
