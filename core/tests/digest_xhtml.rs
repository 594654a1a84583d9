//! XHTML: names mean what their namespaces say (Namespaces in XML 1.0; HTML section 14).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use crawlspace::digest::{Digest, Target};
use proptest::prelude::*;
use support::{cut, digest_with, spec};

const URL: &str = "https://doc.example/d/page";
const TYPE: &str = "application/xhtml+xml; charset=utf-8";
const XMLNS: &str = "xmlns='http://www.w3.org/1999/xhtml'";
const SVG: &str = "xmlns='http://www.w3.org/2000/svg'";
const XLINK: &str = "xmlns:xlink='http://www.w3.org/1999/xlink'";

fn digest(xml: &str) -> Digest {
    let whole = digest_with(spec(), URL, Some(TYPE), &[xml.as_bytes()]);
    let bytes: Vec<&[u8]> = xml.as_bytes().chunks(1).collect();
    assert_eq!(whole, digest_with(spec(), URL, Some(TYPE), &bytes), "byte by byte: {xml}");
    whole
}

/// The links of a document, as element, attribute and target.
fn links(xml: &str) -> Vec<String> {
    let row = |link: crawlspace::digest::Link<'_>| {
        let target = match link.target {
            Target::Url { origin, rest, .. } => format!("{origin}{rest}"),
            Target::Invalid(raw) => format!("invalid {raw}"),
        };
        let target = target.trim_start_matches("https://doc.example/d/");
        format!("{} {} {target}", link.place.element(), link.place.attribute())
    };
    digest(xml).links.iter().map(row).collect()
}

/// The same of what stands in an `html` element.
fn within(xml: &str) -> Vec<String> {
    links(&format!("<html {XMLNS} {XLINK}>{xml}</html>"))
}

#[test]
fn elements_are_of_html_by_their_namespace() {
    let html = "http://www.w3.org/1999/xhtml";
    let none: [&str; 0] = [];
    assert_eq!(links("<x><a href='no'/><base href='/no/'/></x>"), none);
    assert_eq!(links("<html xmlns=''><a href='no'/><base href='/no/'/></html>"), none);
    assert_eq!(links("<x><html><a href='no'/></html></x>"), none);
    // Forgotten at the root alone.
    assert_eq!(
        links("<?xml version='1.0'?>\n<html><a href='a'/><x xmlns='urn:x'><a href='no'/></x></html>"),
        ["a href a"]
    );
    assert_eq!(links(&format!("<html {XMLNS}><a href='a'/></html>")), ["a href a"]);
    assert_eq!(
        links(&format!(
            "<h:html xmlns:h='{html}'><h:a href='a'>x</h:a><a href='no'/><h:img src='b'/></h:html>"
        )),
        ["a href a", "img src b"]
    );
    // Declared on the element itself, after the attribute, in other quotation marks, with white space.
    assert_eq!(links(&format!("<x:a href='a' xmlns:x = \"{html}\"/>")), ["a href a"]);
    assert_eq!(
        links(&format!("<html {XMLNS}><x xmlns='urn:x'><a href='no'/></x><a href='a'/></html>")),
        ["a href a"]
    );
    assert_eq!(
        links(&format!("<html {XMLNS}><x xmlns=''><a href='no'/></x><a href='a'/></html>")),
        ["a href a"]
    );
    assert_eq!(links(&format!("<a {XMLNS}/><a href='no'/>")), none);
    assert_eq!(
        links(&format!("<p:x xmlns:p='urn:x' {XMLNS}><p:a href='no'/><a href='a'/></p:x>")),
        ["a href a"]
    );
    // A prefix means something else further in.
    let nested =
        format!("<h:p xmlns:h='{html}'><h:q xmlns:h='urn:x'><h:a href='no'/></h:q><h:a href='a'/></h:p>");
    assert_eq!(links(&nested), ["a href a"]);
}

#[test]
fn attributes_have_namespaces_too() {
    let svg = "http://www.w3.org/2000/svg";
    assert_eq!(
        within(&format!(
            "<svg {SVG} xmlns:l='http://www.w3.org/1999/xlink'><a l:href='a'/><image xlink:href='b'/>\
            <use x:href='no' xmlns:x='urn:x'/><script href='c'/><a href='d' xlink:href='no'/></svg>"
        )),
        ["svg:a xlink:href a", "svg:image xlink:href b", "svg:script href c", "svg:a href d"]
    );
    assert_eq!(
        within(&format!("<s:svg xmlns:s='{svg}'><s:a href='a'/><a href='b'/></s:svg>")),
        ["svg:a href a", "a href b"]
    );
    // An element of no namespace of SVG is not one of SVG for its name, nor is its content.
    assert_eq!(within("<svg><a xlink:href='no' href='a'/><image href='no' src='no'/></svg>"), ["a href a"]);
    assert_eq!(
        within(
            "<a xlink:href='no'/><a xml:base='/no/' href='a'/><h:p xmlns:h='urn:x' h:id='no' style='b:url(no)'/>"
        ),
        ["a href a"]
    );
    let mathml = "<math xmlns='http://www.w3.org/1998/Math/MathML'><mi href='no'/><a href='no'/></math>";
    assert_eq!(within(&format!("{mathml}<a href='a'/>")), ["a href a"]);
}

/// Nothing breaks out of SVG, and integration points are none: namespaces say it all.
#[test]
fn what_is_html_in_svg_says_so() {
    let svg = format!(
        "<svg {SVG}><p><a href='a'/></p><foreignObject><img src='no'/><div {XMLNS}><img src='b'/></div></foreignObject>\
        <feImage href='c'/><FEIMAGE href='no'/><feimage href='no'/></svg><form action='d'><form action='e'/></form>"
    );
    assert_eq!(
        within(&svg),
        ["svg:a href a", "img src b", "svg:feImage href c", "form action d", "form action e"]
    );
}

#[test]
fn case_counts() {
    assert_eq!(
        within(
            "<A HREF='no'/><a HREF='no' href='a'/><a Href='no'/><IMG src='no'/><img SRC='no' src='b'/>\
            <Style>a{b:url(no)}</Style><a href='c'>t</a>"
        ),
        ["a href a", "img src b", "a href c"]
    );
}

#[test]
fn elements_close_themselves_and_text_is_markup() {
    let xml = "<title/><script>//<![CDATA[\n<a href='no'/>\n//]]></script><style/><textarea><a href='a'/></textarea>\
        <template><a href='no'/></template><template/><a href='b'/>t<template shadowrootmode='open'><a href='no'/></template>";
    assert_eq!(within(xml), ["a href a", "a href b"]);
    let digest = digest(&format!(
        "<html {XMLNS}><a href='a'>one<![CDATA[ <b> ]]>&lt;two</a><x:a xmlns:x='urn:x' id='i'/></html>"
    ));
    assert_eq!(digest.links.iter().next().unwrap().text, "one <b> <two");
    assert_eq!(digest.ids, [spec().id_key.hash(b"i")]);
}

#[test]
fn declarations_and_instructions_hold_no_links() {
    let xml = format!(
        "<?xml version='1.0' encoding='utf-8'?>\n<?x <a href='no'/> > ?><!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \
         \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\" [\n<!-- don't > ]> --><!ENTITY a \"<a href='no'/>]>\">\n\
         <!ENTITY b 'x'>]>\n<html {XMLNS}><!-- <a href='no'/> --><a href='a?b&amp;c=&#x64;&eacute;'/></html>"
    );
    assert_eq!(links(&xml), ["a href a?b&c=d%C3%A9"]);
    let lines: Vec<_> = digest(&xml).links.iter().map(|link| link.line).collect();
    assert_eq!(lines, [5]);
}

/// What is not well-formed is an error in browsers; nothing is lost that can be read.
#[test]
fn what_is_not_well_formed_is_read_on() {
    assert_eq!(
        within("<a href='a'><b></a><a href='b'></c><br><a href=c>x</p></a><a 'x' href='d'/><é href='no'/>"),
        ["a href a", "a href b", "a href c", "a href d"]
    );
    assert_eq!(links(&format!("<x><html {XMLNS}></y></html><a href='no'/></x>")), [""; 0]);
    assert_eq!(within("<a href='a' title='b>"), [""; 0]);
}

#[test]
fn the_document_s_encoding_is_xml_s() {
    let html = format!(
        "<?xml version='1.0' encoding='iso-8859-1'?><html {XMLNS}><p id='\u{e9}'/><a href='yes'/>t</html>"
    );
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(&html);
    let digest = digest_with(spec(), URL, Some("application/xhtml+xml"), &[&latin]);
    assert_eq!(digest.links.len(), 1);
    assert_eq!(digest.ids, [spec().id_key.hash("\u{e9}".as_bytes())]);
    assert_eq!(digest.links.iter().next().unwrap().text, "");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// Whatever it is made of and however it is cut.
    #[test]
    fn how_it_is_cut_makes_no_difference(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..30),
        cuts in prop::collection::vec(any::<u16>(), 0..6),
    ) {
        let xml = pieces.concat();
        let cut = digest_with(spec(), URL, Some(TYPE), &cut(xml.as_bytes(), &cuts));
        prop_assert_eq!(digest(&xml), cut);
    }

    /// A tree of elements in one namespace or the other, with either way to say so, has the links of those of HTML.
    #[test]
    fn links_are_those_of_elements_of_html(tree in tree()) {
        let mut count = 0;
        let mut wanted = Vec::new();
        let mut xml = String::new();
        tree.write("", &mut count, &mut xml, &mut wanted);
        prop_assert_eq!(links(&xml), wanted, "{}", xml);
    }
}

const PIECES: [&str; 24] = [
    "<a href='x'>",
    "</a>",
    "<html xmlns='http://www.w3.org/1999/xhtml'>",
    "<h:a href=\"y\" xmlns:h='http://www.w3.org/1999/xhtml'/>",
    "<svg xmlns='http://www.w3.org/2000/svg'>",
    "</svg>",
    "<use xlink:href='z' xmlns:xlink='http://www.w3.org/1999/xlink'/>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?",
    "?>",
    "<!DOCTYPE x [",
    "]>",
    "'",
    "\"",
    "<",
    ">",
    "text",
    "&amp;",
    "<template>",
    "</template>",
    "\n",
];

/// An element that declares a prefix or a default namespace, or nothing, and uses either.
#[derive(Clone, Debug)]
struct Node {
    /// The prefix that is declared, empty for the default, and whether it is HTML's namespace.
    declares: Option<(String, bool)>,
    prefix: String,
    children: Vec<Node>,
}

fn tree() -> impl Strategy<Value = Node> {
    let declares = prop::option::of(("[ab]?", any::<bool>()));
    let leaf = (declares.clone(), "[ab]?").prop_map(|(declares, prefix)| Node {
        declares,
        prefix,
        children: Vec::new(),
    });
    leaf.prop_recursive(5, 30, 4, move |inner| {
        (declares.clone(), "[ab]?", prop::collection::vec(inner, 0..4))
            .prop_map(|(declares, prefix, children)| Node { declares, prefix, children })
    })
}

impl Node {
    /// `html` holds the prefixes, each followed by a comma, that stand for HTML's namespace.
    fn write(&self, html: &str, count: &mut usize, xml: &mut String, wanted: &mut Vec<String>) {
        let mut scope = html.to_owned();
        let mut declaration = String::new();
        if let Some((prefix, is_html)) = &self.declares {
            scope = scope.replace(&format!("<{prefix}>"), "");
            if *is_html {
                scope.push_str(&format!("<{prefix}>"));
            }
            let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            let space = if *is_html { "http://www.w3.org/1999/xhtml" } else { "urn:other" };
            declaration = format!(" {name}='{space}'");
        }
        *count += 1;
        let name = if self.prefix.is_empty() { "a".to_owned() } else { format!("{}:a", self.prefix) };
        if scope.contains(&format!("<{}>", self.prefix)) {
            wanted.push(format!("a href {count}"));
        }
        xml.push_str(&format!("<{name} href='{count}'{declaration}"));
        if self.children.is_empty() {
            return xml.push_str("/>");
        }
        xml.push('>');
        self.children.iter().for_each(|child| child.write(&scope, count, xml, wanted));
        xml.push_str(&format!("</{name}>"));
    }
}
