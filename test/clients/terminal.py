"""Runs a program on a terminal of its own, as somebody at a keyboard does, and types what is asked for.

On the standard input: {"args", "env", "answers"}, where answers are pairs of what the program says and what is typed then, in order. Prints
{"code", "output", "asked"}: everything that stood on the terminal, and how many of the questions came.
"""

import json
import os
import pty
import select
import sys
import time

PATIENCE_SECONDS = 60

asked = json.load(sys.stdin)
child, terminal = pty.fork()
if child == 0:
    os.execvpe(asked["args"][0], asked["args"], asked["env"])

output, seen, typed = b"", 0, 0
answers = asked["answers"]
deadline = time.monotonic() + PATIENCE_SECONDS
while time.monotonic() < deadline:
    ready, _, _ = select.select([terminal], [], [], 0.2)
    if not ready:
        continue
    try:
        chunk = os.read(terminal, 65536)
    except OSError:  # How Linux tells that nobody is at the other end any more.
        break
    if chunk == b"":
        break
    output += chunk
    if typed < len(answers) and answers[typed][0].encode() in output[seen:]:
        seen = len(output)
        os.write(terminal, answers[typed][1].encode() + b"\n")
        typed += 1
else:
    os.kill(child, 9)

_, status = os.waitpid(child, 0)
code = os.waitstatus_to_exitcode(status)
print(json.dumps({"code": code, "output": output.decode("utf-8", "replace"), "asked": typed}))
