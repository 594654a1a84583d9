//! The decoder, through its public API.

use crawlspace::digest::Appetite;
use crawlspace::{Encoding, Failure};
use crawlspace_http::decode::{Decoder, Flow, STEP};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, HeaderValue};
use proptest::collection::vec;
use proptest::prelude::*;
use std::io::Write as _;

const CORRUPT: Failure = Failure::Encoding(Encoding::Corrupt);
const STACKED: Failure = Failure::Encoding(Encoding::Stacked);
const UNSUPPORTED: Failure = Failure::Encoding(Encoding::Unsupported);

// ---- coding, for the tests alone ----

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Code {
    Gzip,
    Zlib,
    RawDeflate,
    Brotli,
    Zstd,
}

const CODES: [Code; 5] = [Code::Gzip, Code::Zlib, Code::RawDeflate, Code::Brotli, Code::Zstd];

impl Code {
    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zlib | Self::RawDeflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    fn encode(self, data: &[u8]) -> Vec<u8> {
        let level = flate2::Compression::new(6);
        match self {
            Self::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
                encoder.write_all(data).expect("memory");
                encoder.finish().expect("memory")
            }
            Self::Zlib => {
                let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
                encoder.write_all(data).expect("memory");
                encoder.finish().expect("memory")
            }
            Self::RawDeflate => {
                let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), level);
                encoder.write_all(data).expect("memory");
                encoder.finish().expect("memory")
            }
            Self::Brotli => {
                let mut coded = Vec::new();
                let params = brotli::enc::BrotliEncoderParams { quality: 5, ..Default::default() };
                brotli::BrotliCompress(&mut &data[..], &mut coded, &params).expect("memory");
                coded
            }
            Self::Zstd => {
                let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).expect("memory");
                encoder.include_checksum(true).expect("a parameter");
                encoder.write_all(data).expect("memory");
                encoder.finish().expect("memory")
            }
        }
    }
}

fn encode(codes: &[Code], data: &[u8]) -> Vec<u8> {
    codes.iter().fold(data.to_vec(), |data, code| code.encode(&data))
}

fn head(lines: &[&str]) -> HeaderMap {
    lines.iter().map(|line| (CONTENT_ENCODING, HeaderValue::from_str(line).expect("a value"))).collect()
}

fn head_of(codes: &[Code]) -> HeaderMap {
    head(&[&codes.iter().map(|code| code.name()).collect::<Vec<_>>().join(", ")])
}

/// All that comes out, and how it ends.
fn decode<'a>(
    headers: &HeaderMap,
    cap: u64,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<u8>, Result<Flow, Failure>) {
    let mut decoder = match Decoder::for_head(headers, cap) {
        Ok(decoder) => decoder,
        Err(failure) => return (Vec::new(), Err(failure)),
    };
    let mut body = Vec::new();
    let mut take = |bytes: &[u8]| {
        assert!(bytes.len() <= STEP, "a step of {} bytes", bytes.len());
        body.extend_from_slice(bytes);
        Appetite::More
    };
    for chunk in chunks {
        match decoder.push(chunk, &mut take) {
            Ok(Flow::More) => {}
            over => return (body, over),
        }
    }
    let result = decoder.finish(&mut take);
    (body, result)
}

fn decode_whole(headers: &HeaderMap, coded: &[u8]) -> (Vec<u8>, Result<Flow, Failure>) {
    decode(headers, 1 << 30, [coded])
}

/// Cuts at these places, which may lie anywhere.
fn cut<'a>(bytes: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<_> = places.iter().map(|place| place.index(bytes.len() + 1)).collect();
    places.sort_unstable();
    let mut chunks = Vec::new();
    let mut from = 0;
    for to in places.into_iter().chain([bytes.len()]) {
        chunks.push(&bytes[from..to]);
        from = to;
    }
    chunks
}

// ---- properties ----

fn codes() -> impl Strategy<Value = Vec<Code>> {
    vec(prop::sample::select(&CODES[..]), 0..=2)
}

/// Bodies that compress well and bodies that do not, over several steps.
fn data() -> impl Strategy<Value = Vec<u8>> {
    let run = (vec(any::<u8>(), 0..300), 1_usize..200).prop_map(|(piece, times)| piece.repeat(times));
    vec(run, 0..4).prop_map(|runs| runs.concat())
}

fn places() -> impl Strategy<Value = Vec<prop::sample::Index>> {
    vec(any::<prop::sample::Index>(), 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// X10, T47: what was coded comes back, whatever the codings, the cap and the cuts.
    #[test]
    fn any_body_comes_back_up_to_the_cap(
        data in data(), codes in codes(), places in places(), cap in prop_oneof![Just(1 << 30), 0..100_000_u64],
    ) {
        let coded = encode(&codes, &data);
        let (body, result) = decode(&head_of(&codes), cap, cut(&coded, &places));
        let fits = data.len().min(usize::try_from(cap).expect("small"));
        prop_assert!(body == data[..fits], "{} bytes of {}", body.len(), data.len());
        prop_assert_eq!(result, Ok(if fits < data.len() { Flow::TooLarge } else { Flow::More }));
    }

    /// Damage and truncation give the same bytes and the same end however the stream is cut, and no panic.
    #[test]
    fn damage_is_the_same_however_it_is_cut(
        data in data(), codes in codes(), places in places(), cap in prop_oneof![Just(1 << 30), 0..100_000_u64],
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 0..3), keep in any::<prop::sample::Index>(),
        truncate in any::<bool>(),
    ) {
        let mut coded = encode(&codes, &data);
        for (at, byte) in damage {
            let at = at.index(coded.len() + 1);
            if at < coded.len() { coded[at] ^= byte }
        }
        if truncate { coded.truncate(keep.index(coded.len() + 1)) }
        let headers = head_of(&codes);
        let whole = decode(&headers, cap, [&coded[..]]);
        let pieces = decode(&headers, cap, cut(&coded, &places));
        let bytes = decode(&headers, cap, coded.chunks(1));
        prop_assert_eq!(&whole.1, &pieces.1);
        prop_assert_eq!(&whole.1, &bytes.1);
        prop_assert!(whole.0 == pieces.0 && whole.0 == bytes.0);
    }

    /// X10: every proper prefix of a coded body is truncated, never taken for the whole.
    #[test]
    fn a_proper_prefix_is_truncated(data in data(), code in prop::sample::select(&CODES[..]), keep in any::<prop::sample::Index>()) {
        let coded = code.encode(&data);
        prop_assume!(coded.len() > 1);
        let keep = 1 + keep.index(coded.len() - 1);
        let (body, result) = decode_whole(&head_of(&[code]), &coded[..keep]);
        prop_assert_eq!(result, Err(Failure::Truncated), "{} of {} bytes", keep, coded.len());
        prop_assert!(data.starts_with(&body));
    }

    /// The receiver stops the decoder at once.
    #[test]
    fn nothing_comes_after_enough(data in data(), codes in codes(), places in places()) {
        let coded = encode(&codes, &data);
        let mut decoder = Decoder::for_head(&head_of(&codes), 1 << 30).expect("known codings");
        let mut calls = 0;
        let mut take = |_: &[u8]| { calls += 1; Appetite::Enough };
        for chunk in cut(&coded, &places) {
            let _ = decoder.push(chunk, &mut take);
        }
        let result = decoder.finish(&mut take);
        prop_assert_eq!(calls, usize::from(!data.is_empty()));
        prop_assert_eq!(result, Ok(if data.is_empty() { Flow::More } else { Flow::Enough }));
    }
}

// ---- the field ----

#[test]
fn codings_are_named_in_any_case_over_several_lines() {
    let twice = encode(&[Code::Gzip, Code::Brotli], b"hello");
    for lines in [&["gzip, br"][..], &["GZip", "Br"], &["x-gzip,identity", ", br ,"]] {
        assert_eq!(decode_whole(&head(lines), &twice), (b"hello".to_vec(), Ok(Flow::More)), "{lines:?}");
    }
    for lines in [&[][..], &["identity"], &[""], &["Identity, identity", "identity, identity"]] {
        assert_eq!(decode_whole(&head(lines), b"hello"), (b"hello".to_vec(), Ok(Flow::More)), "{lines:?}");
    }
}

/// T47, X17.
#[test]
fn unknown_and_stacked_codings_are_refused() {
    let refusal = |lines: &[&str]| Decoder::for_head(&head(lines), 1).err();
    for unknown in ["compress", "gzip, utf-8", "br;q=1", "none", "dcb", "*"] {
        assert_eq!(refusal(&[unknown]), Some(UNSUPPORTED), "{unknown}");
    }
    let mut odd = HeaderMap::new();
    odd.insert(CONTENT_ENCODING, HeaderValue::from_bytes(b"gzip\xff").expect("a value"));
    assert_eq!(Decoder::for_head(&odd, 1).err(), Some(UNSUPPORTED));
    for stacked in [&["gzip, gzip, gzip"][..], &["gzip"; 20], &["gzip,br", "foo"], &["gzip,br,identity,zstd"]]
    {
        assert_eq!(refusal(stacked), Some(STACKED), "{stacked:?}");
    }
    assert_eq!(refusal(&["gzip, gzip"]), None);
}

// ---- what servers really send ----

#[test]
fn an_empty_body_is_complete_under_every_coding() {
    for code in CODES {
        assert_eq!(decode_whole(&head_of(&[code]), b""), (Vec::new(), Ok(Flow::More)), "{code:?}");
        assert_eq!(decode_whole(&head_of(&[code, code]), b""), (Vec::new(), Ok(Flow::More)), "{code:?}");
    }
}

#[test]
fn members_and_frames_follow_one_another() {
    for code in [Code::Gzip, Code::Zstd] {
        let coded = [code.encode(b"one "), code.encode(b""), code.encode(b"two")].concat();
        for size in [1, 2, 3, coded.len()] {
            let result = decode(&head_of(&[code]), 100, coded.chunks(size));
            assert_eq!(result, (b"one two".to_vec(), Ok(Flow::More)), "{code:?} by {size}");
        }
        let cut = &coded[..coded.len() - 3];
        assert_eq!(decode_whole(&head_of(&[code]), cut).1, Err(Failure::Truncated), "{code:?}");
    }
    // A skippable frame (RFC 8878 section 3.1.2).
    let coded = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3], &Code::Zstd.encode(b"zstd")[..]].concat();
    assert_eq!(decode_whole(&head_of(&[Code::Zstd]), &coded), (b"zstd".to_vec(), Ok(Flow::More)));
}

#[test]
fn what_follows_the_coded_stream_is_ignored() {
    for code in CODES {
        for garbage in [&b"\0"[..], b"\x1f", b"\x1f\x1f\x8b", b"<!-- served by cache 7 -->", &[0; 3 * STEP]] {
            let coded = [&code.encode(b"hello"), garbage].concat();
            for size in [1, coded.len()] {
                let result = decode(&head_of(&[code]), 1 << 20, coded.chunks(size));
                assert_eq!(result, (b"hello".to_vec(), Ok(Flow::More)), "{code:?} {garbage:?}");
            }
        }
    }
}

#[test]
fn a_wrong_checksum_is_corrupt() {
    for (code, from_end) in [(Code::Gzip, 8), (Code::Gzip, 4), (Code::Zlib, 1), (Code::Zstd, 1)] {
        let mut coded = code.encode(&b"hello ".repeat(100));
        let at = coded.len() - from_end;
        coded[at] ^= 1;
        assert_eq!(decode_whole(&head_of(&[code]), &coded).1, Err(CORRUPT), "{code:?}");
    }
}

#[test]
fn a_body_that_is_not_coded_at_all_is_corrupt() {
    for code in CODES {
        let result = decode_whole(&head_of(&[code]), b"<!DOCTYPE html><title>Not coded</title>").1;
        assert_eq!(result, Err(CORRUPT), "{code:?}");
    }
}

#[test]
fn a_failed_decoder_stays_failed() {
    let mut decoder = Decoder::for_head(&head(&["gzip"]), 100).expect("gzip is known");
    let mut none = |_: &[u8]| Appetite::More;
    assert_eq!(decoder.push(&[b'<'; 2 * STEP], &mut none), Err(CORRUPT));
    assert_eq!(decoder.push(&Code::Gzip.encode(b"hello"), &mut none), Err(CORRUPT));
    assert_eq!(decoder.finish(&mut none), Err(CORRUPT));
}

// ---- bombs: T43 to T48 ----

const MIB: u64 = 1 << 20;

/// Lets a bomb off under a cap of 10 MiB, and counts: how many bytes came out, and of how many bytes in.
fn explode(codes: &[Code], bomb: &[u8]) -> (u64, u64, Result<Flow, Failure>) {
    let mut decoder = Decoder::for_head(&head_of(codes), 10 * MIB).expect("known codings");
    let (mut decoded, mut coded) = (0, 0);
    let mut count = |bytes: &[u8]| {
        assert!(bytes.len() <= STEP);
        decoded += bytes.len() as u64;
        Appetite::More
    };
    for chunk in bomb.chunks(100_000) {
        coded += chunk.len() as u64;
        match decoder.push(chunk, &mut count) {
            Ok(Flow::More) => {}
            over => return (decoded, coded, over),
        }
    }
    let result = decoder.finish(&mut count);
    (decoded, coded, result)
}

fn zeros(mib: u64) -> Vec<u8> {
    vec![0; usize::try_from(mib * MIB).expect("small")]
}

/// T43, T44, T45: out come 10 MiB, whatever is inside.
#[test]
fn bombs_end_at_the_cap() {
    let gzip = Code::Gzip.encode(&zeros(16));
    assert_eq!(explode(&[Code::Gzip], &gzip), (10 * MIB, gzip.len() as u64, Ok(Flow::TooLarge)));

    // 1 GiB of zeros by brotli, quality 9, window 24.
    let brotli = include_bytes!("bombs/zeros-1gib.br");
    assert_eq!(explode(&[Code::Brotli], brotli), (10 * MIB, brotli.len() as u64, Ok(Flow::TooLarge)));

    let zstd = Code::Zstd.encode(&zeros(16)).repeat(64);
    assert_eq!(explode(&[Code::Zstd], &zstd), (10 * MIB, zstd.len() as u64, Ok(Flow::TooLarge)));
}

/// T47: a bomb in a bomb.
#[test]
fn stacked_bombs_end_at_the_cap() {
    let inner = Code::Gzip.encode(&zeros(64));
    for outer in CODES {
        let bomb = outer.encode(&inner);
        assert_eq!(explode(&[Code::Gzip, outer], &bomb).0, 10 * MIB, "{outer:?}");
        assert_eq!(explode(&[Code::Gzip, outer], &bomb).2, Ok(Flow::TooLarge), "{outer:?}");
    }
}

/// T46: RFC 9659 allows 8 MiB.
#[test]
fn a_large_zstd_window_is_refused() {
    let with_window = |log| {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).expect("memory");
        encoder.window_log(log).expect("a parameter");
        encoder.write_all(b"hello").expect("memory");
        encoder.flush().expect("memory");
        encoder.finish().expect("memory")
    };
    assert_eq!(explode(&[Code::Zstd], &with_window(23)), (5, 17, Ok(Flow::More)));
    for log in [24, 27] {
        let result = explode(&[Code::Zstd], &with_window(log)).2;
        assert_eq!(result, Err(Failure::Encoding(Encoding::Window)), "{log}");
    }
}

/// T44: brotli's extension to windows of up to 1 GiB is no part of the content coding.
#[test]
fn a_large_brotli_window_is_refused() {
    let with_window = |lgwin, large_window| {
        let params =
            brotli::enc::BrotliEncoderParams { quality: 5, lgwin, large_window, ..Default::default() };
        let mut coded = Vec::new();
        brotli::BrotliCompress(&mut &b"hello"[..], &mut coded, &params).expect("memory");
        explode(&[Code::Brotli], &coded).2
    };
    assert_eq!(with_window(24, false), Ok(Flow::More));
    assert_eq!(with_window(28, true), Err(CORRUPT));
}

/// T48: work without output. A million empty members, frames or blocks stop long before their end.
#[test]
fn coded_bytes_that_stand_for_nothing_are_bounded() {
    let members = Code::Gzip.encode(b"").repeat(1_000_000);
    let (decoded, coded, result) = explode(&[Code::Gzip], &members);
    assert_eq!((decoded, result), (0, Err(CORRUPT)));
    assert!(coded < MIB, "{coded} bytes were looked at");

    let frames = Code::Zstd.encode(b"").repeat(1_000_000);
    let (decoded, coded, result) = explode(&[Code::Zstd], &frames);
    assert_eq!(decoded, 0);
    assert!(result == Ok(Flow::TooLarge) && coded < 11 * MIB, "{coded} bytes were looked at: {result:?}");

    // Empty stored blocks: 00 00 00 ff ff, for ever.
    let blocks = [0, 0, 0, 0xff, 0xff].repeat(4_000_000);
    let (decoded, coded, result) = explode(&[Code::RawDeflate], &blocks);
    assert_eq!(decoded, 0);
    assert!(result == Ok(Flow::TooLarge) && coded < 11 * MIB, "{coded} bytes were looked at: {result:?}");

    // The same from very few bytes, under another coding: what is in between is bounded too.
    let frames = Code::Brotli.encode(&Code::Zstd.encode(b"").repeat(2_000_000));
    assert!(frames.len() < 1_000);
    assert_eq!(explode(&[Code::Zstd, Code::Brotli], &frames), (0, frames.len() as u64, Ok(Flow::TooLarge)));
}

/// A server that sends for ever behind the end of the coded stream is not listened to for ever.
#[test]
fn endless_bytes_behind_the_end_are_too_large() {
    let endless = [Code::Brotli.encode(b"hello"), zeros(12)].concat();
    let (decoded, coded, result) = explode(&[Code::Brotli], &endless);
    assert_eq!((decoded, result), (5, Ok(Flow::TooLarge)));
    assert!(coded < 11 * MIB);
}

// ---- gzip in the content itself ----

/// What comes out of content in these chunks under these codings, and how it ended.
fn within(codings: &str, chunks: &[&[u8]], cap: u64) -> (Vec<u8>, Result<Flow, Failure>) {
    let headers =
        [(CONTENT_ENCODING, HeaderValue::from_str(codings).expect("a value"))].into_iter().collect();
    let mut decoder = Decoder::for_head(&headers, cap).expect("known codings").and_gzip_within();
    let mut body = Vec::new();
    let mut take = |bytes: &[u8]| {
        body.extend_from_slice(bytes);
        Appetite::More
    };
    let pushed =
        chunks.iter().map(|chunk| decoder.push(chunk, &mut take)).find(|flow| *flow != Ok(Flow::More));
    let end = pushed.unwrap_or_else(|| decoder.finish(&mut take));
    (body, end)
}

#[test]
fn a_beginning_of_gzip_is_cut_or_something_else() {
    assert_eq!(within("identity", &[b""], 9), (Vec::new(), Ok(Flow::More)));
    assert_eq!(within("identity", &[b"\x1f"], 9).1, Err(Failure::Truncated));
    assert_eq!(within("identity", &[b"\x1f\x8b"], 9).1, Err(Failure::Truncated));
    assert_eq!(within("identity", &[b"\x1f\x8c"], 9), (b"\x1f\x8c".to_vec(), Ok(Flow::More)));
    assert_eq!(within("identity", &[b"\x1f", b"\x1f\x8b"], 9), (b"\x1f\x1f\x8b".to_vec(), Ok(Flow::More)));
    assert_eq!(within("identity", &[b"\x1f\x8b\xff\xff\xff\xff\xff\xff\xff\xff\xff"], 9).1, Err(CORRUPT));
}

proptest! {
    #[test]
    fn gzip_within_is_undone_however_it_is_cut(data: Vec<u8>, is_gzip: bool, twice: bool, size in 1..40_usize) {
        let content = if is_gzip { Code::Gzip.encode(&data) } else { data.clone() };
        let (codings, coded) = if twice { ("gzip", Code::Gzip.encode(&content)) } else { ("identity", content) };
        prop_assume!(is_gzip || !data.starts_with(b"\x1f"));
        let chunks: Vec<&[u8]> = coded.chunks(size).collect();
        prop_assert_eq!(within(codings, &chunks, 1 << 20), (data.clone(), Ok(Flow::More)));
        if data.len() > 1 {
            let cap = data.len() / 2;
            prop_assert_eq!(within(codings, &chunks, cap as u64), (data[..cap].to_vec(), Ok(Flow::TooLarge)));
        }
    }
}
