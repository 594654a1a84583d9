//! A plan as HTML.

use super::GHOST;
use super::draw::Draw;
use super::filler::Filler;
use super::plan::{Item, Link, Plan, Quoting, has_accent};
use std::fmt::Write;

/// A page of about `size` bytes; some are a third of that, some more than twice.
pub(super) fn page(plan: &Plan, filler: &Filler, mut draw: Draw, size: usize) -> Vec<u8> {
    let size = size * draw.pick(&[35, 50, 65, 80, 95, 100, 110, 125, 145, 195]) / 100;
    let mut out = String::with_capacity(size + 4_096);
    head(plan, &mut out);
    list("header", &plan.navigation, &mut out);
    list("aside", &plan.sidebar, &mut out);
    let _ = writeln!(out, "<main id=\"content\"><a name=\"start\"></a><h1>{}</h1>", plan.title);
    let footer: usize = plan.footer.iter().map(|link| link.written.len() + link.text.len() + 40).sum();
    let body = size.saturating_sub(footer + 200);
    for section in 1..=plan.sections {
        let share = |section: usize| plan.items.len() * section / plan.sections;
        let _ =
            write!(out, "<section>\n<h2 id=\"sec-{section}\">{}, part {section}</h2>\n<ul>\n", plan.title);
        for item in &plan.items[share(section - 1)..share(section)] {
            out.push_str("<li>");
            self::item(item, &mut out);
            out.push('\n');
        }
        out.push_str("</ul>\n");
        let left = body.saturating_sub(out.len()) / (plan.sections + 1 - section);
        let until = out.len() + left;
        while out.len() < until {
            out.push_str(filler.block(&mut draw));
        }
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n");
    list("footer", &plan.footer, &mut out);
    out.push_str("</body>\n</html>\n");
    out.into_bytes()
}

fn head(plan: &Plan, out: &mut String) {
    let number = plan.number;
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{} <a href={GHOST}title.html></title>\n",
        plan.title
    );
    if plan.base {
        let _ = writeln!(out, "<base href=\"/docs/\">\n<base href=\"{GHOST}\">");
    }
    for link in &plan.head {
        self::link(link, out);
        out.push('\n');
    }
    let _ = write!(
        out,
        "<script>window.page = {{\"n\": {number}, \"t\": \"<a href='{GHOST}script-{number}.html'>x</a>\"}};</script>\n</head>\n<body>\n"
    );
    if has_accent(number) {
        out.push_str("<p id=\"caf\u{e9}\">");
    }
}

fn list(element: &str, links: &[Link], out: &mut String) {
    let _ = writeln!(out, "<{element}><ul>");
    for link in links {
        out.push_str("<li>");
        self::link(link, out);
        out.push('\n');
    }
    let _ = writeln!(out, "</ul></{element}>");
}

fn item(item: &Item, out: &mut String) {
    match item {
        Item::Link(link) => self::link(link, out),
        Item::Image(source, candidates) => {
            let _ = write!(out, "<img src=\"{}\" alt=\"{}\"", escape(&source.written), source.text);
            if !candidates.is_empty() {
                out.push_str(" srcset=\"");
                for (at, candidate) in candidates.iter().enumerate() {
                    let _ = write!(
                        out,
                        "{}{} {}x",
                        if at > 0 { ", " } else { "" },
                        escape(&candidate.written),
                        at + 1
                    );
                }
                out.push('"');
            }
            out.push_str(" width=640 height=480>");
        }
        Item::Markup(markup) => out.push_str(markup),
    }
}

fn link(link: &Link, out: &mut String) {
    let (element, attribute) =
        link.place.trim_end_matches(']').split_once('[').unwrap_or((link.place, "href"));
    let value = escape(&link.written);
    let _ = match link.quoting {
        Quoting::Double => write!(out, "<{element} {attribute}=\"{value}\""),
        Quoting::Single => write!(out, "<{element} class='x' {attribute}='{value}'"),
        Quoting::None => write!(out, "<{} {}={value}", element.to_uppercase(), attribute.to_uppercase()),
        Quoting::Padded => write!(out, "<{element}\n  title=\"a > b\" {attribute} = \" {value}\n\""),
        Quoting::Twice => write!(out, "<{element} {attribute}=\"{value}\" {attribute}=\"{GHOST}twice.html\""),
    };
    match element {
        "link" if link.written.contains("favicon") => out.push_str(" rel=icon>"),
        "link" => out.push_str(" rel=stylesheet>"),
        "script" | "iframe" => {
            let _ = write!(out, "></{element}>");
        }
        "a" => {
            let _ = write!(out, ">{}</a>", link.text);
        }
        _ => out.push('>'),
    }
}

fn escape(url: &str) -> String {
    url.replace('&', "&amp;").replace('"', "&quot;").replace('\'', "&#39;").replace('<', "&lt;")
}
