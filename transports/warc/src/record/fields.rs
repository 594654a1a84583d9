//! A record's own fields (WARC 1.1 section 4).

use std::time::SystemTime;
use uuid::Uuid;

/// The names of the records of one exchange.
pub(crate) fn record_id() -> String {
    format!("<{}>", Uuid::new_v4().urn())
}

/// When something began (WARC 1.1 section 5.4).
pub(crate) fn date(time: SystemTime) -> String {
    humantime::format_rfc3339_millis(time).to_string()
}

/// The fields of one record, as they are written.
pub(crate) struct Fields(String);

impl Fields {
    pub(crate) fn new(kind: &str, id: &str, date: &str) -> Self {
        let mut fields = Self("WARC/1.1\r\n".to_owned());
        fields.add("WARC-Type", kind);
        fields.add("WARC-Record-ID", id);
        fields.add("WARC-Date", date);
        fields
    }

    /// Whatever the value, it stays one line.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        self.0.push_str(name);
        self.0.push_str(": ");
        self.0.extend(value.chars().map(|char| if char.is_control() { ' ' } else { char }));
        self.0.push_str("\r\n");
    }

    /// With the block's length, and the empty line behind which it begins.
    pub(crate) fn end(mut self, block: u64) -> String {
        self.add("Content-Length", &block.to_string());
        self.0.push_str("\r\n");
        self.0
    }
}

/// What stands behind a block.
pub(crate) const END: &[u8] = b"\r\n\r\n";
