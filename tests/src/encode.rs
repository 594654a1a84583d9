//! Content codings, the way a server applies them (RFC 9110 section 8.4).

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use std::io::{self, Write as _};

macro_rules! flate2_coding {
    ($($(#[$doc:meta])* $name:ident $encoder:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Panics
        ///
        /// Never: writing to memory does not fail.
        #[must_use]
        pub fn $name(body: &[u8]) -> Vec<u8> {
            let mut encoder = $encoder::new(Vec::new(), Compression::best());
            encoder.write_all(body).and_then(|()| encoder.finish()).expect("memory")
        }
    )*};
}

flate2_coding! {
    /// `gzip`.
    gzip GzEncoder;
    /// `deflate` as the standard has it: with zlib's frame.
    zlib ZlibEncoder;
    /// `deflate` as some servers have it: without a frame.
    deflate DeflateEncoder;
}

/// `br`.
///
/// # Panics
///
/// Never: writing to memory does not fail.
#[must_use]
pub fn brotli(body: &[u8]) -> Vec<u8> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 9, 22);
    encoder.write_all(body).expect("memory");
    encoder.into_inner()
}

/// `zstd`.
///
/// # Panics
///
/// Never: writing to memory does not fail.
#[must_use]
pub fn zstd(body: &[u8]) -> Vec<u8> {
    zstd::encode_all(body, 3).expect("memory")
}

/// `zstd` with a window of this many bytes, a power of two.
///
/// # Errors
///
/// What the library says of a window it cannot make.
pub fn zstd_with_window(body: &[u8], window_log: u32) -> io::Result<Vec<u8>> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1)?;
    encoder.window_log(window_log)?;
    encoder.write_all(body)?;
    encoder.finish()
}
