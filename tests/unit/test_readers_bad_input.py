"""What cannot be read is refused in one line: where, what was given, what is allowed, what to do."""

import gzip

import pytest

from cxsim.contacts.reader_files import find_reader, load_reader
from cxsim.contacts.readers import read_log
from cxsim.errors import LogError


def refused(path, **more):
    with pytest.raises(LogError) as raised:
        read_log(path, **more)
    assert all("\n" not in line for line in raised.value.problems)
    return str(raised.value)


FILES = {
    "no rows": (b"offered,outcome\n", "a header and no rows"),
    "empty": (b"", "an empty file"),
    "blank": (b" \n\n", "an empty file"),
    "header of nothing": (b",,\n1,2,3\n", "no header"),
    "bytes": (b"offered,outcome\n1,\x00\x01\x02", "a binary file"),
    "excel": (b"PK\x03\x04rest", "an Excel book or a zip archive; delimited text; save it as CSV"),
    "wide": ("offered,outcome\n1,lost\n".encode("utf-16"), "a text in utf-16"),
    "latin": ("offered,outcome,segment\n1,lost,a\n2,lost,Zürich\n".encode("cp1252"), "line 3: byte 0xfc is not utf-8"),
    "cut": (gzip.compress(b"offered,outcome\n1,lost\n")[:-9], "a damaged gzip file"),
    "json": (b"{" + b'"a": 1, ' * 20_000 + b"}", "a first line of 160,002 characters"),
    "torn": (b"offered,outcome\n1\n2\n", "no row has the 2 fields of the header"),
    "column": (
        b"ofered,outcome\n1,lost\n",
        "column offered: not in the file (nor offered_at); found are ofered, outcome; did",
    ),
    "either": (
        b"offered,queue\n1,a\n",
        "column answered: not in the file (nor answered_at,outcome); found are offered, queue",
    ),
    "twice": (b"offered,offered,outcome\n1,2,lost\n", "column offered: it stands twice in the header"),
    "word": (
        b"offered,outcome\n1,lost\n2,abandonned\n",
        "line 3, column outcome: 'abandonned'; words here are resolved",
    ),
    "date": (
        b"offered,outcome\n2024-01-31,lost\n2024-02-31,lost\n",
        "line 3, column offered: '2024-02-31'; an instant as iso",
    ),
    "mixed": (b"offered,answered\n2024-01-31,5\n", "column answered: seconds, but offered has dates"),
    "number": (b"offered,outcome,held\n1,lost,\n2,lost,3.x\n", "line 3, column held: '3.x'; a number"),
    "truth": (b"offered,outcome,staffed\n1,lost,perhaps\n", "line 2, column staffed: 'perhaps'; yes or no"),
    "fraction": (b"offered,outcome,level\n1,lost,1.5\n", "column level, line 2: 1.5; whole numbers"),
    "level": (b"offered,outcome,level\n1,lost,1000\n", "column level: values from 1000 to 1000; at most 127"),
    "order": (b"offered,answered\n5,7\n9,3\n9,4\n", "times_ordered: broken by 2 rows (line 3, 4); offered <= answered"),
    "left": (b"offered,answered\n,7\n", "all 1 rows are left out"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(tmp_path, case):
    content, expected = FILES[case]
    file = tmp_path / "calls.csv"
    file.write_bytes(content)
    message = refused(file)
    assert expected in message
    assert "calls.csv" in message
    assert message.count("\n") == 0
    assert [each.name for each in tmp_path.iterdir()] == ["calls.csv"]


def test_all_missing_columns_are_named_together(tmp_path):
    file = tmp_path / "calls.csv"
    file.write_text("call_id,date\n1,990101\n")
    message = refused(file, reader="technion")
    assert "column vru+line: not in the file" in message
    assert "column ser_exit: not in the file" in message


def test_further_rows_with_the_same_mistake_are_counted(tmp_path):
    file = tmp_path / "calls.csv"
    file.write_text("offered,outcome\n" + "tomorrow,lost\n" * 9)
    assert "line 2, column offered: 'tomorrow' (and 8 more rows: lines 3, 4, 5, 6 ...)" in refused(file)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    assert "nowhere.csv: no such file" in refused(tmp_path / "nowhere.csv")
    assert "a folder; a CSV file" in refused(tmp_path)


def test_an_unknown_reader_is_named_with_a_suggestion(tmp_path):
    message = refused(tmp_path / "calls.csv", reader="technon")
    assert message.startswith("reader technon: not a reader; readers are generic, servicenow, technion")
    assert message.endswith("did you mean 'technion'?")
    assert "no such file" in refused(tmp_path / "calls.csv", reader=tmp_path / "ours.yaml")


BASE = "columns: {offered: {from: offered, as: number}}\ntouches: [{columns: {offered: offered}}]\n"
READERS = {
    "target": (BASE + "_target_: os.system\n", "_target_: a key that begins with _"),
    "deep": (BASE.replace("as: number", "as: number, _partial_: yes"), "columns.offered._partial_: a key that begins"),
    "key": (BASE + "tuches: []\n", "tuches: not a key; keys are about,"),
    "kind": (BASE.replace("number", "nummer"), "columns.offered.as: 'nummer'; kinds are word, number,"),
    "no columns": ("touches: []\n", "'columns' is not there"),
    "no touches": ("columns: {offered: offered}\n", "touches and events; exactly one"),
    "no offer": (
        BASE.replace("{columns: {offered: offered}}", "{columns: {ended: offered}}"),
        "'offered' is not there",
    ),
    "list": ("- a\n- b\n", "keys and values"),
    "twice": (BASE + "about: a\nabout: b\n", "key 'about' stands twice"),
    "torn": ("columns: {a: [\n", "not YAML"),
    "code": (BASE.replace("{offered: offered}}]", "{offered: __import__('os')}}]"), "is not a word of reader files"),
    "rule": (BASE + "dirt: [{kind: a, when: offered > 1, treatment: hidden, reason: b}]\n", "'hidden'; one of kept"),
    "repair": (BASE + "dirt: [{kind: a, when: offered > 1, treatment: repaired, reason: b}]\n", "set with repaired"),
    "unknown": (BASE + "dirt: [{kind: a, when: ofered > 1, treatment: kept, reason: b}]\n", "'ofered' is not a column"),
    "number": (BASE + "dirt: [{kind: a, when: offered, treatment: kept, reason: b}]\n", "'offered'; a condition"),
    "delimiter": (BASE + "file: {delimiter: comma}\n", "file.delimiter: 'comma'; one character"),
    "encoding": (BASE + "file: {encoding: utf-9}\n", "'utf-9'; an encoding that Python knows"),
    "constant": (BASE.replace("}}]", "}, constants: {staffed: perhaps}}]"), "constants.staffed: 'perhaps'; yes or no"),
    "channel": (BASE.replace("}}]", "}, constants: {channel: phone}}]"), "column channel: 'phone'; words are voice"),
    "words": (BASE.replace(", as: number", ""), "touches[0].columns.offered: words; numbers"),
}


@pytest.mark.parametrize("case", READERS)
def test_a_reader_file_that_says_something_else_is_refused(tmp_path, case):
    content, expected = READERS[case]
    reader, file = tmp_path / "ours.yaml", tmp_path / "calls.csv"
    reader.write_text(content)
    file.write_text("offered\n1\n")
    message = refused(file, reader=reader)
    assert expected in message
    assert message.count("\n") == 0


def test_a_reader_file_with_a_tag_runs_nothing(tmp_path):
    reader = tmp_path / "ours.yaml"
    reader.write_text("columns: !!python/object/apply:os.system ['exit 3']\n")
    with pytest.raises(LogError):
        load_reader(reader)


@pytest.mark.parametrize("name", ["generic", "technion", "servicenow"])
def test_shipped_readers_keep_their_own_rules(name):
    assert find_reader(name).about
