//! The list whose first item lies inline. It is included as source, since an extension module cannot be linked with.

#[path = "../src/few.rs"]
mod few;

use few::Few;

#[test]
fn what_is_pushed_comes_out_in_order() {
    for count in 0..4 {
        let mut few = Few::default();
        (0..count).for_each(|item| few.push(item));
        let looked_at: Vec<_> = few.iter().copied().collect();
        let taken: Vec<_> = few.into_iter().collect();
        assert_eq!(looked_at, Vec::from_iter(0..count));
        assert_eq!(taken, looked_at);
    }
}

#[test]
fn one_item_needs_no_allocation() {
    let mut few = Few::default();
    few.push([0_u8; 64]);
    let item: *const _ = few.iter().next().expect("it was pushed");
    let whole = (&raw const few).cast::<u8>();
    let inside = whole..whole.wrapping_add(size_of_val(&few));
    assert!(inside.contains(&item.cast()));
}

#[test]
fn what_is_left_over_is_dropped_once() {
    let counted = std::rc::Rc::new(());
    let mut few = Few::default();
    (0..3).for_each(|_| few.push(counted.clone()));
    let mut taking = few.into_iter();
    drop(taking.next());
    assert_eq!(std::rc::Rc::strong_count(&counted), 3);
    drop(taking);
    assert_eq!(std::rc::Rc::strong_count(&counted), 1);
}
