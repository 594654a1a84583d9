//! The same by cssparser's tokens: what the tokens here must agree with.

use super::super::position::Position;
use super::sheet::Sheet;
use super::tokens::{Block, Function, Token};
use super::{Css, CssUrl};
use cssparser::{ParseError, Parser};
use proptest::prelude::*;

type Found = (String, bool, Position);

fn owned(found: CssUrl<'_>) -> Found {
    (found.url.to_owned(), found.is_import, found.at)
}

fn read<'a>(mut css: Css, chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Found> {
    let mut all = Vec::new();
    for chunk in chunks {
        css.push(chunk, &mut |found| all.push(owned(found)));
    }
    css.finish(&mut |found| all.push(owned(found)));
    all
}

const START: Position = Position { line: 1, column: 1 };

fn reference(text: &str, mut sheet: Sheet) -> Vec<Found> {
    let mut all = Vec::new();
    walk(&mut Parser::new(text), &mut |token, at| {
        sheet.token(token, at, &mut |found| all.push(owned(found)));
    });
    all
}

fn walk(parser: &mut Parser<'_>, take: &mut dyn FnMut(Token<'_>, Position)) {
    loop {
        let place = parser.current_source_location();
        let at = Position { line: place.line + 1, column: place.column };
        let Ok(token) = parser.next_including_whitespace_and_comments().cloned() else { return };
        let mut block = None;
        match token {
            cssparser::Token::AtKeyword(name) => take(Token::At(name.as_bytes()), at),
            cssparser::Token::Function(name) => {
                take(Token::Function(Function::of(name.as_bytes())), at);
                block = Some(Block::Round);
            }
            cssparser::Token::ParenthesisBlock => block = open(Block::Round, at, take),
            cssparser::Token::SquareBracketBlock => block = open(Block::Square, at, take),
            cssparser::Token::CurlyBracketBlock => block = open(Block::Curly, at, take),
            cssparser::Token::CloseParenthesis => take(Token::Close(Block::Round), at),
            cssparser::Token::CloseSquareBracket => take(Token::Close(Block::Square), at),
            cssparser::Token::CloseCurlyBracket => take(Token::Close(Block::Curly), at),
            cssparser::Token::Semicolon => take(Token::Semicolon, at),
            cssparser::Token::UnquotedUrl(url) => take(Token::Url(&url), at),
            cssparser::Token::QuotedString(text) => take(Token::Text(&text), at),
            cssparser::Token::WhiteSpace(_)
            | cssparser::Token::Comment(_)
            | cssparser::Token::CDO
            | cssparser::Token::CDC => {}
            _ => take(Token::Other, at),
        }
        if let Some(block) = block {
            let _ = parser.parse_nested_block(|inner| {
                walk(inner, take);
                Ok::<(), ParseError<()>>(())
            });
            take(Token::Close(block), at);
        }
    }
}

fn open(block: Block, at: Position, take: &mut dyn FnMut(Token<'_>, Position)) -> Option<Block> {
    take(Token::Open(block), at);
    Some(block)
}

const PARTS: &[&str] = &[
    "url(",
    "URL(",
    "u\\72l(",
    "\\75 rl(",
    "src(",
    "image-set(",
    "-webkit-image-set(",
    "type(",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ";",
    ":",
    ",",
    "\"",
    "'",
    "\"a\"",
    "'b c'",
    "\"\\\n\"",
    "\\",
    "\\\n",
    "\\)",
    "\\\"",
    "\\41 ",
    "\\0",
    "\\110000",
    "\\d800",
    "\\41\r\n",
    "@import",
    "@import ",
    "@IMPORT\t",
    "@im\\70ort ",
    "@layer x",
    "@media x",
    "@namespace ",
    "@charset ",
    "@font-face",
    "@",
    "@-",
    "@--",
    "@1",
    "@-1",
    "/*",
    "*/",
    "/",
    "*",
    "/**/",
    "<!--",
    "-->",
    "<",
    "<!",
    "<!-",
    "--",
    "-",
    ">",
    "#",
    "#url(",
    "1",
    "1e3",
    "1url(",
    "1.url(",
    "1-",
    "+",
    ".",
    "%",
    "%url(",
    " ",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "a",
    "x.png",
    "é",
    "\0",
    "#f",
    "url()",
    "url(x y)",
    "url( a )",
    "url('p')",
    "url(a\"b)",
    "url(a\\\nb)",
    "a{b:",
    "a{b:url(x)}",
    "!",
    "url",
    "u",
    "\u{7f}",
    "data:,",
    "\u{1}",
];

fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![6 => prop::sample::select(PARTS).prop_map(str::to_owned), 1 => "[a-z()\"'\\\\@{};/* \n-]{0,6}"];
    prop::collection::vec(part, 0..16).prop_map(|parts| parts.concat())
}

/// Where cssparser differs from the standard: in the remnants of a bad URL an escape hides a bracket, also if it
/// stands first (CSS Syntax section 4.3.14); and a backslash before a newline begins no name, also behind a dash
/// (section 4.3.9).
fn is_read_wrongly(text: &str) -> bool {
    text.as_bytes().windows(3).any(|part| {
        part[0].is_ascii_whitespace() && part[1..] == *b"\\)"
            || part[..2] == *b"-\\" && b"\n\r\x0c".contains(&part[2])
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tokens_are_those_of_cssparser(text in text()) {
        if is_read_wrongly(&text) {
            return Ok(());
        }
        prop_assert_eq!(read(Css::sheet(START), [text.as_bytes()]), reference(&text, Sheet::new()));
        let inline: Vec<_> = read(Css::declarations(START), [text.as_bytes()]).into_iter().map(|one| one.0).collect();
        let wanted: Vec<_> = reference(&text, Sheet::of_declarations()).into_iter().map(|one| one.0).collect();
        prop_assert_eq!(inline, wanted);
    }

    #[test]
    fn how_a_sheet_is_cut_makes_no_difference(text in text(), cut in any::<prop::sample::Index>()) {
        let whole = read(Css::sheet(START), [text.as_bytes()]);
        prop_assert_eq!(&whole, &read(Css::sheet(START), text.as_bytes().chunks(1)));
        let (head, tail) = text.as_bytes().split_at(cut.index(text.len() + 1));
        prop_assert_eq!(&whole, &read(Css::sheet(START), [head, tail]));
    }
}

fn urls(text: &str) -> Vec<String> {
    let named = |(url, is_import, _): Found| if is_import { format!("@{url}") } else { url };
    read(Css::sheet(START), [text.as_bytes()]).into_iter().map(named).collect()
}

#[test]
fn only_what_is_asked_for_is_a_link() {
    let nothing: [&str; 0] = [];
    assert_eq!(
        urls("@import 'a'; @import url(b) screen; @import url('c') supports(d:url(e));"),
        ["@a", "@b", "@c"]
    );
    assert_eq!(urls("@charset \"x\"; @layer l; @import 'a'; b{} @import 'c';"), ["@a"]);
    assert_eq!(urls("@layer l {} @import 'c';"), nothing);
    assert_eq!(urls("@import foo 'c'; d{@import 'e';}"), nothing);
    assert_eq!(urls("@namespace url(http://www.w3.org/2000/svg); @supports (a:url(b)) {c{d:url(e)}}"), ["e"]);
    assert_eq!(urls("a[b='c'] d:not(url(e)) {f:url(g)}"), ["g"]);
    assert_eq!(urls("a{b:image-set('c' 1x, url(d) 2x, 'e' type('image/png'))}"), ["c", "d", "e"]);
    assert_eq!(urls("a{b:url( 'c' 'd' );e:src('f');g:local('h') format('i')}"), ["c", "f"]);
    assert_eq!(urls("a{b:url();c:url('');d:url(#e);f:url(g#h)}"), ["g#h"]);
    assert_eq!(urls("a{/* url(b) */ content:'url(c)';d:xurl(e);f:url(g h);i:url(j)}"), ["j"]);
    assert_eq!(
        urls("@media x{@font-face{src:url(a.woff2) format('woff2'),url(\"b.eot?#iefix\")}}"),
        ["a.woff2", "b.eot?#iefix"]
    );
    assert_eq!(urls("<!-- a{b:url(c)} -->d{e:url(f)}"), ["c", "f"]);
    assert_eq!(urls("a{b:url(c"), ["c"]);
}
