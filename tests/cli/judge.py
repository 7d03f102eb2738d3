"""judge.py: are expressions about JSON true?  One process for all json_true of a test (lib.sh).

For each line of standard input, a folder, it reads `out` there, records of JSON with a line end
behind each, and says of the expression in the file named by the argument: a line with "true", or
with what is wrong.  In the expression r is the first record, rs are all."""
import base64
import json
import os
import sys


def records():
    text = open("out", encoding="utf-8", newline="").read()
    rs, at, decoder = [], 0, json.JSONDecoder()
    while at < len(text):
        r, at = decoder.raw_decode(text, at)
        assert text[at] == "\n", "no line end behind a record"
        at += 1
        rs.append(r)
    return rs


def verdict(expression):
    rs = records()
    if eval(expression, {"r": rs[0], "rs": rs, "base64": base64}):
        return "true"
    return "first record: " + json.dumps(rs[0])[:600]


for folder in sys.stdin:
    try:
        os.chdir(folder.rstrip("\n"))
        said = verdict(open(sys.argv[1], encoding="utf-8").read())
    except Exception as wrong:
        said = "%s: %s" % (type(wrong).__name__, wrong)
    print(said.replace("\n", " "), flush=True)
