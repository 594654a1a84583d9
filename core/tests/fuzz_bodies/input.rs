//! Taking an input apart. The first bytes decide, what is left is the text, so that a mutation of one does not
//! move the other.

/// Takes a byte; 0 where there is none.
pub(super) fn byte(data: &mut &[u8]) -> u8 {
    let Some((&first, rest)) = data.split_first() else { return 0 };
    *data = rest;
    first
}

/// Takes a byte, and by it one of these.
pub(super) fn one_of<T: Copy>(data: &mut &[u8], choices: &[T]) -> T {
    choices[usize::from(byte(data)) % choices.len()]
}

/// Takes up to so many bytes.
pub(super) fn bytes<'a>(data: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (taken, rest) = data.split_at(most.min(data.len()));
    *data = rest;
    taken
}

/// A body cut at places that stand for parts of its length.
pub(super) fn cut<'a>(body: &'a [u8], cuts: &[u8]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| usize::from(*cut) * body.len() / 255).collect();
    places.sort_unstable();
    let mut chunks = Vec::new();
    let mut from = 0;
    for to in places.into_iter().chain([body.len()]) {
        chunks.push(&body[from..to]);
        from = to;
    }
    chunks
}

/// Where a part stands in the whole it was taken from; fails if it is none.
pub(super) fn offset_in(whole: &str, part: &str) -> usize {
    let offset = (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
    assert!(offset + part.len() <= whole.len(), "{part:?} is no part of {whole:?}");
    offset
}
