"""What is told of the processor, with the file that Linux has and without."""

from core import processor


def test_a_system_that_has_no_such_file_names_its_processor(monkeypatch):
    def absent(*_args, **_kwargs):
        raise FileNotFoundError

    monkeypatch.setattr(processor.Path, "read_text", absent)
    monkeypatch.setattr(processor.platform, "processor", lambda: "AMD64 Family 25, AuthenticAMD")
    assert "AuthenticAMD" in processor.description()
    assert processor.name() == "AMD64 Family 25, AuthenticAMD"
    monkeypatch.setattr(processor.platform, "processor", lambda: "")
    monkeypatch.setattr(processor.platform, "machine", lambda: "arm64")
    assert processor.name() == "arm64"


def test_the_name_is_that_of_the_first_line_which_has_one(monkeypatch):
    told = "vendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC\nmodel name\t: another\n"
    monkeypatch.setattr(processor.Path, "read_text", lambda *_args, **_kwargs: told)
    assert processor.name() == "AMD EPYC"
