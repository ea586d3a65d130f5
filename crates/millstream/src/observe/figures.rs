//! How names and figures are written for people: counts in groups, durations with a unit, names that stay in line.

use crate::channel::{ChannelState, Stats};
use std::fmt::Write;
use std::time::Duration;

/// A count with its digits in groups of three: `1,234,567`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A duration with three digits or two units, in plain ASCII: `0`, `870 ns`, `12.3 us`, `4.56 ms`, `7.89 s`,
/// `2 min 5 s`, `3 h 20 min`, `4 d 1 h`.
pub(super) fn duration(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    let seconds = duration.as_secs();
    // A value that would round up to the next unit is written in that unit.
    if nanos == 0 {
        "0".to_string()
    } else if nanos < 1_000 {
        format!("{nanos} ns")
    } else if nanos < 999_500 {
        format!("{} us", three_digits(nanos as f64 / 1e3))
    } else if nanos < 999_500_000 {
        format!("{} ms", three_digits(nanos as f64 / 1e6))
    } else if nanos < 59_950_000_000 {
        format!("{} s", three_digits(nanos as f64 / 1e9))
    } else {
        let seconds = seconds.saturating_add(u64::from(duration.subsec_nanos() >= 500_000_000));
        let (minutes, hours) = (seconds / 60, seconds / 3600);
        if hours == 0 {
            format!("{minutes} min {} s", seconds % 60)
        } else if hours < 24 {
            format!("{hours} h {} min", minutes % 60)
        } else {
            format!("{} d {} h", hours / 24, hours % 24)
        }
    }
}

fn three_digits(value: f64) -> String {
    let decimals = match value {
        v if v < 9.995 => 2,
        v if v < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}

/// A time that is kept only for named channels.
pub(super) fn waited(time: Option<Duration>) -> String {
    time.map_or_else(|| "-".to_string(), duration)
}

/// The most values that were in the channel, and how many it keeps.
pub(super) fn peak(stats: &Stats) -> (String, String) {
    let capacity = match stats.capacity {
        Some(capacity) => count(capacity as u64),
        None => "no limit".to_string(),
    };
    (count(stats.high_water as u64), capacity)
}

/// Who waits, in words.
pub(super) fn state(stats: &Stats) -> &'static str {
    match (stats.state, stats.is_closed) {
        (ChannelState::PendingSends, false) => "senders wait",
        (ChannelState::PendingRecvs, false) => "receivers wait",
        (ChannelState::Fluent, false) => "nobody waits",
        (ChannelState::PendingSends, true) => "closed, senders wait",
        (ChannelState::PendingRecvs, true) => "closed, receivers wait",
        (ChannelState::Fluent, true) => "closed",
    }
}

/// A name without control characters, which would break a line or talk to a terminal: they are written as Rust does.
pub(super) fn name(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for character in name.chars() {
        if character.is_control()
            || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            // Writing to a string cannot fail.
            let _ = write!(text, "{}", character.escape_default());
        } else {
            text.push(character);
        }
    }
    text
}

/// The figures of a channel as lines under its name in a picture, those that say nothing left out.
pub(super) fn lines(stats: &Stats) -> Vec<String> {
    let mut lines = vec![format!("{} delivered", count(stats.delivered()))];
    if stats.dropped > 0 {
        lines.push(format!("{} dropped", count(stats.dropped)));
    }
    let (high_water, capacity) = peak(stats);
    lines.push(match stats.capacity {
        Some(0) => "rendezvous".to_string(),
        Some(_) => format!("peak {high_water} of {capacity}"),
        None => format!("peak {high_water}, no limit"),
    });
    let times = [
        ("senders", stats.send_blocked),
        ("receivers", stats.recv_blocked),
    ];
    for (side, time) in times {
        if let Some(time) = time.filter(|time| !time.is_zero()) {
            lines.push(format!("{side} waited {}", duration(time)));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped() {
        let shown: Vec<_> = [0, 7, 999, 1_000, 12_345, 1_234_567, u64::MAX]
            .map(count)
            .into();
        let expected = [
            "0",
            "7",
            "999",
            "1,000",
            "12,345",
            "1,234,567",
            "18,446,744,073,709,551,615",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn durations_have_the_unit_that_fits() {
        let shown = |nanos| duration(Duration::from_nanos(nanos));
        assert_eq!(shown(0), "0");
        assert_eq!(shown(1), "1 ns");
        assert_eq!(shown(999), "999 ns");
        assert_eq!(shown(1_000), "1.00 us");
        assert_eq!(shown(12_345), "12.3 us");
        assert_eq!(shown(999_499), "999 us");
        assert_eq!(shown(999_500), "1.00 ms");
        assert_eq!(shown(9_994_999), "9.99 ms");
        assert_eq!(shown(9_995_000), "10.0 ms");
        assert_eq!(shown(999_500_000), "1.00 s");
        assert_eq!(shown(59_949_000_000), "59.9 s");
        assert_eq!(shown(59_960_000_000), "1 min 0 s");
        assert_eq!(shown(125_000_000_000), "2 min 5 s");
        assert_eq!(duration(Duration::from_secs(12_000)), "3 h 20 min");
        assert_eq!(duration(Duration::from_secs(350_000)), "4 d 1 h");
        assert!(duration(Duration::MAX).is_ascii());
    }

    #[test]
    fn names_keep_their_letters_and_lose_their_controls() {
        assert_eq!(name("Zeilen \u{e4}\u{6f22}"), "Zeilen \u{e4}\u{6f22}");
        assert_eq!(name("a\nb\u{1b}[31mc\td"), "a\\nb\\u{1b}[31mc\\td");
        assert_eq!(name("a\u{202e}b"), "a\\u{202e}b");
    }
}
