//! Fan-out by topic: everyone gets what they subscribed to, and a slow subscriber holds nobody up before its bound.

use millstream::hub::{Bound, Topics};
use millstream::unbounded;

#[derive(Clone, Debug, PartialEq)]
struct News {
    section: &'static str,
    headline: &'static str,
}

fn main() {
    let (press, wire) = unbounded();
    let topics = Topics::new(wire, |news: &News| news.section);
    let sport = topics.subscribe("sport", Bound::Wait(8));
    let sport_in_short = topics.subscribe("sport", Bound::DropOldest(1));
    let weather = topics.subscribe("weather", Bound::Wait(8));

    for (section, headline) in [
        ("sport", "home team wins"),
        ("weather", "rain"),
        ("politics", "nobody subscribed to this"),
        ("sport", "coach resigns"),
    ] {
        press
            .try_send(News { section, headline })
            .expect("the wire is open");
    }
    // The end of the input closes every subscription, after what was sent to it.
    drop(press);

    let headlines: Vec<_> = sport.iter().map(|news| news.headline).collect();
    println!("sport: {headlines:?}");
    assert_eq!(headlines, ["home team wins", "coach resigns"]);
    let headlines: Vec<_> = sport_in_short.iter().map(|news| news.headline).collect();
    println!("sport in short: {headlines:?}");
    assert_eq!(headlines, ["coach resigns"]);
    let headlines: Vec<_> = weather.iter().map(|news| news.headline).collect();
    println!("weather: {headlines:?}");
    assert_eq!(headlines, ["rain"]);
}
