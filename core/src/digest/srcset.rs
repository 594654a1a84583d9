//! The `srcset` attribute (HTML section 4.8.4.2.2).

/// An image candidate that the standard's parser keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// Its URL, as written.
    pub url: &'a str,
    /// Its descriptors, as written, white space around them left out.
    pub descriptors: &'a str,
}

/// The candidates of a `srcset` value, in order; those whose descriptors make no sense are left out, as browsers
/// leave them.
///
/// ```
/// use crawlspace::digest::srcset::candidates;
///
/// let urls: Vec<_> = candidates("a.png, b,c.png 2x, d.png 2q").map(|candidate| candidate.url).collect();
/// assert_eq!(urls, ["a.png", "b,c.png"]);
/// ```
pub fn candidates(value: &str) -> impl Iterator<Item = Candidate<'_>> {
    let mut rest = value;
    core::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches(|c: char| is_space(c) || c == ',');
            if rest.is_empty() {
                return None;
            }
            let (url, after) = rest.split_at(rest.find(is_space).unwrap_or(rest.len()));
            let bare = url.trim_end_matches(',');
            if bare.len() < url.len() {
                rest = after;
                return Some(Candidate { url: bare, descriptors: "" });
            }
            let (descriptors, after) = after.split_at(descriptors_end(after));
            rest = after;
            let descriptors = descriptors.trim_matches(is_space);
            if are_valid(descriptors) {
                return Some(Candidate { url, descriptors });
            }
        }
    })
}

const fn is_space(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\x0c' | '\r' | ' ')
}

/// Descriptors end at a comma that is not in parentheses.
fn descriptors_end(text: &str) -> usize {
    let mut in_parentheses = false;
    text.find(|c| {
        match c {
            '(' => in_parentheses = true,
            ')' => in_parentheses = false,
            _ => {}
        }
        c == ',' && !in_parentheses
    })
    .unwrap_or(text.len())
}

/// Step 9 of the standard's parser: at most one width or density, and a height only beside a width.
fn are_valid(descriptors: &str) -> bool {
    let (mut width, mut density, mut height) = (false, false, false);
    let mut rest = descriptors;
    while !rest.is_empty() {
        let mut in_parentheses = false;
        let end = rest.find(|c| {
            match c {
                '(' => in_parentheses = true,
                ')' => in_parentheses = false,
                _ => {}
            }
            is_space(c) && !in_parentheses
        });
        let (descriptor, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after.trim_start_matches(is_space);
        if let Some(number) = descriptor.strip_suffix('w') {
            if width || density || !is_positive_integer(number) {
                return false;
            }
            width = true;
        } else if let Some(number) = descriptor.strip_suffix('x') {
            if width || density || height || !is_density(number) {
                return false;
            }
            density = true;
        } else if let Some(number) = descriptor.strip_suffix('h') {
            if height || density || !is_positive_integer(number) {
                return false;
            }
            height = true;
        } else {
            return false;
        }
    }
    !height || width
}

fn is_positive_integer(number: &str) -> bool {
    number.bytes().all(|byte| byte.is_ascii_digit()) && number.bytes().any(|byte| byte != b'0')
}

/// A valid floating-point number (HTML section 2.3.4.3) that is not less than zero.
fn is_density(number: &str) -> bool {
    let unsigned = number.strip_prefix('-').unwrap_or(number);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let valid = (digits(whole) || whole.is_empty() && fraction.is_some())
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits);
    let is_zero = mantissa.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    valid && (unsigned.len() == number.len() || is_zero)
}
