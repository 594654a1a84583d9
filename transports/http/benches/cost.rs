//! What this crate adds to a fetch: `cargo bench -p crawlspace-http --bench cost`.
//!
//! Decoding, by content coding, of pages of about 20 kB; then all that is done for one request besides: its fields,
//! and an exchange over a head and an empty body.
#![allow(clippy::print_stdout, clippy::disallowed_types, clippy::disallowed_methods, missing_docs)]

#[path = "../tests/support/mod.rs"]
mod support;

use crawlspace::Kind;
use crawlspace::digest::{Appetite, Head};
use crawlspace_http::decode::Decoder;
use crawlspace_http::{Exchange, HeaderSets, Times, request_fields};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

const CAP: u64 = 10 << 20;

fn main() {
    let page = page();
    println!("a page of {} bytes", page.len());
    for (coding, coded) in coded(&page) {
        let headers: HeaderMap = [(CONTENT_ENCODING, HeaderValue::from_static(coding))].into_iter().collect();
        let each = measure(|| {
            let mut decoder = Decoder::for_head(&headers, CAP).expect("a known coding");
            let mut decoded = 0;
            let mut take = |bytes: &[u8]| {
                decoded += black_box(bytes).len();
                Appetite::More
            };
            for chunk in coded.chunks(16 * 1024) {
                let _ = decoder.push(chunk, &mut take).expect("well coded");
            }
            let _ = decoder.finish(&mut take).expect("whole");
            assert_eq!(decoded, page.len());
        });
        let rate = page.len() as f64 / each.as_secs_f64() / 1e6;
        let micros = each.as_secs_f64() * 1e6;
        println!("{coding:<9} {:>6} bytes coded {micros:>7.2} µs a page {rate:>6.0} MB/s", coded.len());
    }

    let (request, spec, sets) =
        (support::request("http://a.test/b", Kind::Page), support::spec(), HeaderSets::new());
    let fields = measure(|| drop(black_box(request_fields(&request, &spec, &sets))));
    println!("the request's fields {:.2} µs", fields.as_secs_f64() * 1e6);
    let headers: HeaderMap = [(CONTENT_TYPE, HeaderValue::from_static("text/html"))].into_iter().collect();
    let empty = measure(|| {
        let mut exchange = Exchange::new(&request, &spec, None);
        let head = Head { status: http::StatusCode::OK, headers: headers.clone() };
        let _ = exchange.head(head).expect("no coding");
        black_box(exchange.finish(Times::default()));
    });
    println!("an exchange without a body {:.2} µs", empty.as_secs_f64() * 1e6);
}

/// The best of five rounds, for one run.
fn measure(mut run: impl FnMut()) -> Duration {
    const RUNS: u32 = 2_000;
    let mut round = || {
        let begun = Instant::now();
        (0..RUNS).for_each(|_| run());
        begun.elapsed() / RUNS
    };
    (0..5).map(|_| round()).min().unwrap_or_default()
}

/// Text with as much repetition as pages have.
fn page() -> Vec<u8> {
    let mut page = String::from("<!doctype html><title>A page</title>");
    for line in 0..200_u32 {
        let number = line.wrapping_mul(2_654_435_761) >> 12;
        let _ = writeln!(
            page,
            "<li class=entry><a href=/section/{number}/page-{line}.html>Entry {number:x}</a></li>"
        );
        let _ = write!(page, "<p>Line {line} of {number}</p>");
    }
    page.into_bytes()
}

fn coded(page: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(page).expect("memory");
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::default());
    deflate.write_all(page).expect("memory");
    let mut br = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 5, ..Default::default() };
    brotli::BrotliCompress(&mut &page[..], &mut br, &params).expect("memory");
    vec![
        ("identity", page.to_vec()),
        ("gzip", gzip.finish().expect("memory")),
        ("deflate", deflate.finish().expect("memory")),
        ("br", br),
        ("zstd", zstd::bulk::compress(page, 3).expect("memory")),
    ]
}
