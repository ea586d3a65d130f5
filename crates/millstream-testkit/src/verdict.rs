//! What a case says about a channel: passed, failed, or not applicable.

use std::fmt;

/// The answer of one case about one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The channel does not have this bug.
    Passed,
    /// The channel has it; the text says what was observed.
    Failed(String),
    /// The channel does not offer what the case needs; the text says what that is.
    NotApplicable(String),
}

impl Verdict {
    /// Reads back what [`Display`](fmt::Display) wrote, so that a child process can answer on its standard output.
    ///
    /// Returns `None` when `line` is not a verdict.
    pub fn parse(line: &str) -> Option<Self> {
        let (word, rest) = line.split_once(": ").unwrap_or((line, ""));
        match word {
            "passed" => Some(Self::Passed),
            "failed" => Some(Self::Failed(rest.to_owned())),
            "not applicable" => Some(Self::NotApplicable(rest.to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for Verdict {
    /// Writes one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Failed(what) => write!(f, "failed: {}", what.replace('\n', " ")),
            Self::NotApplicable(why) => write!(f, "not applicable: {}", why.replace('\n', " ")),
        }
    }
}

impl From<Outcome> for Verdict {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Ok(()) => Self::Passed,
            Err(Fault::Failed(what)) => Self::Failed(what),
            Err(Fault::Absent(Absent(what))) => Self::NotApplicable(what.to_owned()),
        }
    }
}

/// The name of something that a channel does not offer, such as `"an async receive"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absent(pub &'static str);

/// Something a channel may or may not offer.
pub type Offer<X> = Result<X, Absent>;

/// Why a case stopped before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The bug was observed.
    Failed(String),
    /// The channel lacks what the case needs.
    Absent(Absent),
}

impl From<Absent> for Fault {
    fn from(absent: Absent) -> Self {
        Self::Absent(absent)
    }
}

/// The shape in which cases are written, so that `?` passes on what is absent and what failed.
pub type Outcome = Result<(), Fault>;

/// Ends the case as failed, with the formatted text, unless the condition holds.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return Err($crate::verdict::Fault::Failed(format!($($text)+)));
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_survives_its_own_line() {
        for verdict in [
            Verdict::Passed,
            Verdict::Failed("lost 1: of 2".to_owned()),
            Verdict::NotApplicable("no timeout".to_owned()),
        ] {
            assert_eq!(Verdict::parse(&verdict.to_string()), Some(verdict));
        }
        assert_eq!(Verdict::parse("thread panicked: somewhere"), None);
    }
}
