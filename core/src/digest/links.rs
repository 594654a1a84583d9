//! The links of one document, packed: a page has dozens, a crawl millions.

use super::place::{Place, Role};

/// All links of one document in document order, their texts packed one after another.
///
/// Targets are stored as [identities](crate::Identity), cut where the origin ends, each origin once (or a few times, where there are many).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "Unchecked"))]
pub struct Links {
    pub(crate) origins: Vec<String>,
    pub(crate) text: String,
    pub(crate) rows: Vec<Row>,
}

/// Links as anyone may have written them.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct Unchecked {
    origins: Vec<String>,
    text: String,
    rows: Vec<Row>,
}

#[cfg(feature = "serde")]
impl TryFrom<Unchecked> for Links {
    type Error = &'static str;

    fn try_from(unchecked: Unchecked) -> Result<Self, &'static str> {
        let Unchecked { origins, text, rows } = unchecked;
        let mut links = Self { origins, ..Self::default() };
        for row in rows {
            let strings = text.get(row.start as usize..).and_then(|text| text.get(..row.size()));
            let pushed = strings.and_then(|strings| links.push_packed(row, strings));
            pushed.ok_or("a link whose numbers do not fit its strings")?;
        }
        Ok(links)
    }
}

/// One link's numbers; its strings are ranges of [`Links::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Row {
    /// Index of the origin, or [`Row::INVALID`].
    pub(crate) origin: u32,
    pub(crate) line: u32,
    pub(crate) column: u32,
    /// Where in `text` the path begins; then follow fragment, link text and spelling.
    pub(crate) start: u32,
    pub(crate) path: u32,
    /// Length plus one; zero for none.
    pub(crate) fragment: u32,
    pub(crate) label: u32,
    /// Length plus one; zero for none.
    pub(crate) spelling: u32,
    pub(crate) place: u8,
    pub(crate) role: u8,
    pub(crate) nofollow: bool,
}

impl Row {
    pub(crate) const INVALID: u32 = u32::MAX;

    /// A link without strings.
    pub(crate) const EMPTY: Self = Self {
        origin: Self::INVALID,
        line: 0,
        column: 0,
        start: 0,
        path: 0,
        fragment: 0,
        label: 0,
        spelling: 0,
        place: 0,
        role: 0,
        nofollow: false,
    };

    /// Lengths of fragment, link text and spelling plus one; zero for none.
    pub(crate) const fn lengths(&self) -> [u32; 3] {
        [self.fragment, self.label.saturating_add(1), self.spelling]
    }

    pub(crate) const fn set_lengths(&mut self, [fragment, label, spelling]: [u32; 3]) {
        (self.fragment, self.label, self.spelling) = (fragment, label.saturating_sub(1), spelling);
    }

    /// Bytes of its strings.
    pub(crate) const fn size(&self) -> usize {
        let others = self.fragment.saturating_sub(1) as usize + self.spelling.saturating_sub(1) as usize;
        self.path as usize + self.label as usize + others
    }

    /// Whether it may be the same link in another place of a document, or of another one whose origins are the same: only
    /// its strings may tell it apart.
    #[inline]
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        // Together, since most are: one by one takes longer.
        let strings = (self.path ^ other.path)
            | (self.fragment ^ other.fragment)
            | (self.label ^ other.label)
            | (self.spelling ^ other.spelling);
        let kind =
            (self.place ^ other.place) | (self.role ^ other.role) | u8::from(self.nofollow ^ other.nofollow);
        strings | (self.origin ^ other.origin) | u32::from(kind) == 0
    }
}

/// One link of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link<'a> {
    /// What it points to.
    pub target: Target<'a>,
    /// The fragment as the URL standard serialises it, without `#`; `None` if the link has none.
    pub fragment: Option<&'a str>,
    /// What a reader sees of it: the element's text, white space folded, or an image's `alt`; cut to a limit.
    pub text: &'a str,
    /// How it was written, white space around it left out, where the identity does not tell: kept only if
    /// normalisation changed more than resolving it against the base.
    pub spelling: Option<&'a str>,
    /// The place that held it.
    pub place: Place,
    /// What it is for.
    pub role: Role,
    /// Whether `rel` holds `nofollow`.
    pub nofollow: bool,
    /// The line of the element's `<`, counted from 1.
    pub line: u32,
    /// The column of the element's `<`, in characters counted from 1.
    pub column: u32,
}

/// What a link points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// A URL, by identity.
    Url {
        /// Scheme, user information, host and port, or the scheme and its colon.
        origin: &'a str,
        /// Which of [`Links::origins`] that is.
        origin_index: usize,
        /// Path and query.
        rest: &'a str,
    },
    /// Text that is not a URL, as it was written.
    Invalid(&'a str),
}

/// One link as it is packed: its strings in one (path, fragment, text and spelling), to be taken apart if need be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PackedLink<'a> {
    pub(crate) strings: &'a str,
    /// Lengths of the four, of those that may be missing plus one.
    pub(crate) lengths: [u32; 4],
    /// Index of the origin; none for what is not a URL.
    pub(crate) origin: Option<usize>,
    pub(crate) place: Place,
    pub(crate) role: Role,
    pub(crate) nofollow: bool,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl<'a> PackedLink<'a> {
    /// Path (or the text that is not a URL), fragment, text and spelling.
    pub(crate) fn take_apart(&self) -> (&'a str, Option<&'a str>, &'a str, Option<&'a str>) {
        let mut rest = self.strings;
        let mut take = |len: u32| -> &'a str {
            let (taken, left) = rest.split_at_checked(len as usize).unwrap_or((rest, ""));
            rest = left;
            taken
        };
        let [path, fragment, label, spelling] = self.lengths;
        let path = take(path);
        let fragment = (fragment > 0).then(|| take(fragment - 1));
        let label = take(label);
        (path, fragment, label, (spelling > 0).then(|| take(spelling - 1)))
    }
}

impl Links {
    /// No links, with room for this many and their texts, in bytes.
    pub(crate) fn with_capacity(links: usize, text: usize) -> Self {
        Self { origins: Vec::new(), text: String::with_capacity(text), rows: Vec::with_capacity(links) }
    }

    /// How many links there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The origins of the targets, in order of first use; in a document with many, one may stand twice.
    #[must_use]
    pub fn origins(&self) -> &[String] {
        &self.origins
    }

    /// Adds a link. `origin_index` of a [`Target::Url`] is not read: the origin is looked up by its text.
    pub fn push(&mut self, link: &Link<'_>) {
        let origin = match link.target {
            Target::Url { origin, .. } => self.intern_origin(origin),
            Target::Invalid(_) => Row::INVALID,
        };
        self.push_row(origin, link);
    }

    /// Adds a link whose origin is already among [`Links::origins`], or that has none; `None` if there is no such
    /// origin.
    pub(crate) fn push_at(&mut self, origin: Option<usize>, link: &Link<'_>) -> Option<()> {
        let origin = match origin {
            Some(index) => u32::try_from(index).ok().filter(|_| index < self.origins.len())?,
            None => Row::INVALID,
        };
        self.push_row(origin, link);
        Some(())
    }

    /// Adds a link as it is packed but for the start of its strings; `None` if it is none that could be.
    pub(crate) fn push_packed(&mut self, row: Row, strings: &str) -> Option<()> {
        let mut end = row.path as usize;
        for length in row.lengths() {
            strings.is_char_boundary(end).then_some(())?;
            end += length.saturating_sub(1) as usize;
        }
        let has_origin = row.origin == Row::INVALID || (row.origin as usize) < self.origins.len();
        let is_one = has_origin && end == strings.len() && row.role <= Role::Followed as u8;
        Place::from_index(row.place).filter(|_| is_one)?;
        let start = u32::try_from(self.text.len()).ok()?;
        self.text.push_str(strings);
        self.rows.push(Row { start, ..row });
        Some(())
    }

    fn push_row(&mut self, origin: u32, link: &Link<'_>) {
        let (Target::Url { rest: path, .. } | Target::Invalid(path)) = link.target;
        let start = as_u32(self.text.len());
        self.text.push_str(path);
        self.text.push_str(link.fragment.unwrap_or_default());
        self.text.push_str(link.text);
        self.text.push_str(link.spelling.unwrap_or_default());
        self.rows.push(Row {
            origin,
            line: link.line,
            column: link.column,
            start,
            path: as_u32(path.len()),
            fragment: link.fragment.map_or(0, |fragment| as_u32(fragment.len()) + 1),
            label: as_u32(link.text.len()),
            spelling: link.spelling.map_or(0, |spelling| as_u32(spelling.len()) + 1),
            place: link.place.index(),
            role: link.role as u8,
            nofollow: link.nofollow,
        });
    }

    /// Origins are few and come in runs, so a short scan backwards finds nearly all of them; a page with many
    /// stores some twice, which costs a little space and never quadratic time.
    fn intern_origin(&mut self, origin: &str) -> u32 {
        const WINDOW: usize = 32;
        if let Some(last) = self.rows.last()
            && self.origins.get(last.origin as usize).is_some_and(|last| last == origin)
        {
            return last.origin;
        }
        let recent = self.origins.len().saturating_sub(WINDOW);
        let found = self.origins[recent..].iter().position(|known| known == origin);
        let index = found.map_or(self.origins.len(), |offset| recent + offset);
        if found.is_none() {
            self.origins.push(origin.to_owned());
        }
        as_u32(index)
    }

    /// The links as they are packed, in document order.
    pub(crate) fn packed(&self) -> impl ExactSizeIterator<Item = PackedLink<'_>> {
        self.rows.iter().map(|row| self.pack(row))
    }

    pub(crate) fn pack(&self, row: &Row) -> PackedLink<'_> {
        let lengths = [row.path, row.fragment, row.label, row.spelling];
        let [path, fragment, label, spelling] = lengths.map(|len| len as usize);
        let start = row.start as usize;
        let end = start + path + fragment.saturating_sub(1) + label + spelling.saturating_sub(1);
        PackedLink {
            strings: self.text.get(start..end).unwrap_or_default(),
            lengths,
            origin: (row.origin != Row::INVALID).then_some(row.origin as usize),
            place: Place::from_index(row.place).unwrap_or(Place::SEED),
            role: match row.role {
                0 => Role::Recorded,
                1 => Role::Resource,
                _ => Role::Followed,
            },
            nofollow: row.nofollow,
            line: row.line,
            column: row.column,
        }
    }

    /// The links in document order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Link<'_>> {
        self.rows.iter().zip(self.packed()).map(|(row, packed)| {
            let (path, fragment, text, spelling) = packed.take_apart();
            let origin = packed.origin.and_then(|index| Some((index, self.origins.get(index)?)));
            let target = match origin {
                Some((origin_index, origin)) => Target::Url { origin, origin_index, rest: path },
                None => Target::Invalid(path),
            };
            let PackedLink { place, role, line, column, .. } = packed;
            Link { target, fragment, text, spelling, place, role, nofollow: row.nofollow, line, column }
        })
    }
}

/// Bodies are capped far below 4 GiB, so every length fits; a longer one would be cut, not wrapped.
fn as_u32(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX - 1)
}
