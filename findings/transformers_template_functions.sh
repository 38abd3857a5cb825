#!/usr/bin/env bash
# transformers 5.23.0 (tokenizers 0.23.3): functions that are given to apply_chat_template
#
# What happens: keyword arguments of apply_chat_template can be used in the chat template, says its documentation. Text,
# numbers and lists arrive as they are. A function does not: the template gets the text "<function>" in its place.
# 1. A template that prints it, or asks whether it is defined, goes on with that text, without an error.
# 2. A template that calls it raises "TypeError: 'str' object is not callable", which names neither the function nor
# what became of it.
# 3. So strftime_now, by which templates of Llama 3 and others write today's date, cannot be given a fixed clock by
# passing another function under that name: what works without an argument raises with one.
#
# Why it surprises: strftime_now and raise_exception are functions in the same template, so functions can be there; and a
# prompt with today's date in it is what one wants to hold still in tests, caches and resumed runs.
#
# What to do: pass the *date* as text where a template has a variable for it (date_string), or replace strftime_now in
# the template's text by that variable; compare a rendered prompt with what was meant.
#
# Exits 0 while the release behaves as told here.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  transformers==5.23.0 tokenizers==0.23.3 jinja2==3.1.6
"$folder/venv/bin/python" - <<'PY' 2>/dev/null
import re

import transformers
from tokenizers import Tokenizer, models, pre_tokenizers

words = Tokenizer(models.WordLevel({"<unk>": 0}, unk_token="<unk>"))
words.pre_tokenizer = pre_tokenizers.Whitespace()
tokeniser = transformers.PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>")
chat = [{"role": "user", "content": "which day is it?"}]


def rendered(template, **given):
    tokeniser.chat_template = template
    try:
        return tokeniser.apply_chat_template(chat, tokenize=False, **given)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def clock(form):
    return "1 January 2000"


print("transformers", transformers.__version__)
plain = rendered("{{ date_string }}", date_string="1 January 2000")
print("a text that is given:", plain)
printed = rendered("{{ stamp }}", stamp=clock)
print("a function that is given and printed:", printed)
called = rendered("{{ stamp('%Y') }}", stamp=clock)
print("a function that is given and called:", called)
usual = rendered("{{ strftime_now('%Y') }}")
print("strftime_now of the library:", usual)
fixed = rendered("{{ strftime_now('%Y') }}", strftime_now=clock)
print("strftime_now that is given:", fixed)
assert plain == "1 January 2000"
assert printed == "<function>"
assert called == fixed == "TypeError: 'str' object is not callable"
assert re.fullmatch(r"20\d\d", usual)
PY
echo "as told"
