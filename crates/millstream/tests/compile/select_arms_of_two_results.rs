//! All arms of a select yield one type.

use millstream::Select;

fn main() {
    let (_tx, rx) = millstream::bounded::<u32>(1);
    let select = Select::new().recv(&rx, |_| 1).recv(&rx, |_| "two");
    millstream::block_on(select);
}
