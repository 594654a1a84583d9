use core::fmt;

/// A configuration that cannot be: says which field, which value, and what would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    field: &'static str,
    value: String,
    bound: String,
}

impl ConfigError {
    pub(crate) fn new(field: &'static str, value: impl fmt::Display, bound: impl Into<String>) -> Self {
        Self { field, value: value.to_string(), bound: bound.into() }
    }

    /// The field at fault, named as the builder's method is.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}, but must be {}", self.field, self.value, self.bound)
    }
}

impl core::error::Error for ConfigError {}
