//! JSON and JSON lines. Every value goes through the serializer; only the frame around the rows is written here.

use super::{Look, Results};
use serde::Serialize;
use std::io::{self, Write};

/// One object: `summary`, `statistics`, `findings` and, where asked for, `links`, `orphans` and `duplicate_ids`; one row a
/// line.
pub(super) fn write(results: &dyn Results, look: Look<'_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"{\n\"summary\": ")?;
    serde_json::to_writer(&mut *out, &results.summary())?;
    out.write_all(b",\n\"statistics\": ")?;
    serde_json::to_writer(&mut *out, &results.statistics())?;
    out.write_all(b",\n\"findings\": ")?;
    write_rows(results.findings(), out)?;
    if look.all {
        out.write_all(b",\n\"links\": ")?;
        write_rows(results.links(), out)?;
    }
    if look.orphans {
        out.write_all(b",\n\"orphans\": ")?;
        write_rows(results.orphans(), out)?;
    }
    if look.duplicate_ids {
        out.write_all(b",\n\"duplicate_ids\": ")?;
        write_rows(results.duplicate_ids(), out)?;
    }
    out.write_all(b"\n}\n")
}

fn write_rows(rows: impl Iterator<Item = impl Serialize>, out: &mut dyn Write) -> io::Result<()> {
    let mut separator: &[u8] = b"[\n";
    let mut empty = true;
    for row in rows {
        out.write_all(separator)?;
        serde_json::to_writer(&mut *out, &row)?;
        separator = b",\n";
        empty = false;
    }
    out.write_all(if empty { b"[]" } else { b"\n]" })
}

/// The findings, or with `all` every link target, one a line.
pub(super) fn write_lines(results: &dyn Results, all: bool, out: &mut dyn Write) -> io::Result<()> {
    for row in if all { results.links() } else { results.findings() } {
        serde_json::to_writer(&mut *out, &row)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
