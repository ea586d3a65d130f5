//! The bugs that can be put into the plain channel, and which case is to find which.

/// One bug, each a line or two in the channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The channel as it should be.
    None,
    /// A matched receive that is dropped takes its value along.
    ValueGoesWithReceive,
    /// A matched receive that is dropped leaves the value and tells nobody.
    TurnGoesWithReceive,
    /// A matched receive that is dropped puts the value at the end.
    ReturnedValueGoesBack,
    /// While one receive is matched and has not run, no other is matched.
    OneMatchAtATime,
    /// Room is offered to the first waiting send, and to no other until it has run.
    RoomGoesWithSend,
    /// A waiting send that is dropped stays in line.
    DroppedSendStays,
    /// A waiting receive that is dropped stays in line.
    DroppedReceiveStays,
    /// Values that are promised to waiting receives do not hold up the close.
    ClosedOverlooksClaims,
    /// A receive looks at the queue, and later at the close.
    ClosedLookedUpLater,
    /// A close wakes the first who waits.
    CloseWakesOne,
    /// A close wakes nobody.
    CloseWakesNobody,
    /// The release of a permit wakes nobody.
    PermitDropWakesNobody,
    /// A send does not look whether the channel is closed.
    SendOverlooksClose,
    /// A send looks whether the channel is closed, and later puts its value in.
    SendChecksFirst,
    /// The queue stays when the last receiver goes.
    ValuesKept,
    /// The last waiting send is served first.
    LastSendFirst,
    /// Capacity zero holds one value.
    RendezvousBuffers,
    /// A receive takes nothing from a waiting send.
    SendMustComeSecond,
    /// Wakers run before the lock is released.
    WakesUnderLock,
    /// The old waker is dropped before the lock is released.
    ReplacesUnderLock,
    /// The waker of a dropped operation is dropped before the lock is released.
    DropsWakerUnderLock,
    /// The waker is cloned while the lock is held.
    ClonesUnderLock,
    /// The first panic ends the loop over the wakers.
    WakesUnguarded,
    /// The first panic ends the loop over the values, and leaks the rest.
    ValuesLeakOnPanic,
    /// The values are dropped, unguarded, before the waiting sends are woken.
    ValuesBeforeWakes,
    /// Values are dropped before the lock is released.
    ValuesUnderLock,
    /// A promise is empty while its value is cloned.
    CloneTakesValueOut,
    /// The first waker of an operation stays for ever.
    FirstWakerStays,
    /// A poll stores the waker until it is stored.
    AsksForTheWaker,
    /// A poll that finds nothing wakes itself.
    PollWakesItself,
    /// An operation that timed out stays in line.
    TimedOutStays,
    /// A timeout is added to the clock without looking.
    DeadlineOverflows,
    /// A channel is made from a block of slots that was on the stack.
    BlockOnStack,
    /// Values of no size are not dropped with the queue.
    SizelessForgotten,
    /// A receive that does not wait takes a held lock for an empty queue.
    EmptyWhenContended,
    /// A poll looks, and later gets in line without looking again.
    RegistersLater,
    /// A select looks at its arms, and gets in line nowhere.
    SelectOnlyLooks,
    /// A select is a race of futures, each of which commits on its own. The plain channel has no other.
    SelectOfFutures,
}

/// The flaw that `case` must find.
pub fn flaw_of(case: &str) -> Flaw {
    match case {
        "cancel::receive_dropped_after_match" => Flaw::ValueGoesWithReceive,
        "cancel::notified_receive_dropped" => Flaw::TurnGoesWithReceive,
        "cancel::notified_send_dropped" => Flaw::RoomGoesWithSend,
        "cancel::forgotten_receive" => Flaw::OneMatchAtATime,
        "cancel::forgotten_send" => Flaw::RoomGoesWithSend,
        "cancel::dropped_send_is_not_sent" => Flaw::DroppedSendStays,
        "close::closed_before_last_value" => Flaw::ClosedOverlooksClaims,
        "close::closed_before_last_value_race" => Flaw::ClosedLookedUpLater,
        "close::last_sender_wakes_receivers" => Flaw::CloseWakesOne,
        "close::last_receiver_wakes_senders" => Flaw::CloseWakesOne,
        "close::explicit_close_wakes_receivers" => Flaw::CloseWakesNobody,
        "close::last_permit_wakes_receivers" => Flaw::PermitDropWakesNobody,
        "close::send_after_close_is_refused" => Flaw::SendOverlooksClose,
        "close::send_races_close" => Flaw::SendChecksFirst,
        "close::send_races_last_receiver" => Flaw::SendChecksFirst,
        "close::values_outlive_receivers" => Flaw::ValuesKept,
        "order::waiting_sends_in_order" => Flaw::LastSendFirst,
        "order::returned_value_keeps_its_place" => Flaw::ReturnedValueGoesBack,
        "rendezvous::send_completes_unreceived" => Flaw::RendezvousBuffers,
        "rendezvous::either_side_first" => Flaw::SendMustComeSecond,
        "reenter::waker_of_receive_reenters"
        | "reenter::waker_of_send_reenters"
        | "reenter::waker_reenters_on_close"
        | "reenter::waker_drops_its_receive"
        | "reenter::waker_polls_its_receive" => Flaw::WakesUnderLock,
        "reenter::replaced_waker_reenters" => Flaw::ReplacesUnderLock,
        "reenter::dropped_waker_reenters" => Flaw::DropsWakerUnderLock,
        "reenter::cloned_waker_reenters" => Flaw::ClonesUnderLock,
        "panic::panicking_waker_on_close" => Flaw::WakesUnguarded,
        "panic::panicking_waker_on_send" => Flaw::WakesUnderLock,
        "panic::panicking_waker_on_receive" => Flaw::WakesUnguarded,
        "panic::panicking_waker_drop" => Flaw::DropsWakerUnderLock,
        "panic::panicking_waker_clone" => Flaw::ClonesUnderLock,
        "panic::panicking_value_drop_leaks" => Flaw::ValuesLeakOnPanic,
        "panic::panicking_value_drop_strands_senders" => Flaw::ValuesBeforeWakes,
        "panic::panicking_value_clone" => Flaw::CloneTakesValueOut,
        "payload::queued_value_reenters"
        | "payload::waiting_value_reenters"
        | "payload::evicted_value_reenters" => Flaw::ValuesUnderLock,
        "register::waker_kept" => Flaw::DroppedReceiveStays,
        "register::stale_waker" => Flaw::FirstWakerStays,
        "register::nameless_waker" => Flaw::AsksForTheWaker,
        "register::idle_receive_wakes_itself" => Flaw::PollWakesItself,
        "timeout::stale_waiter" => Flaw::TimedOutStays,
        "timeout::duration_max" => Flaw::DeadlineOverflows,
        "size::large_values" => Flaw::BlockOnStack,
        "size::zero_sized_values" => Flaw::SizelessForgotten,
        "select::two_sends_commit_one" => Flaw::SelectOfFutures,
        "select::two_receives_take_one" => Flaw::ValueGoesWithReceive,
        "select::dropped_select_leaves_no_trace" => Flaw::DroppedSendStays,
        "select::hostile_waker_of_dropped_select" => Flaw::DropsWakerUnderLock,
        "select::facing_selects_meet" => Flaw::SelectOnlyLooks,
        "walk::random_walk" => Flaw::TurnGoesWithReceive,
        "threads::empty_after_completed_send" => Flaw::EmptyWhenContended,
        "threads::lost_wake_between_tasks" | "threads::lost_wake_between_threads" => {
            Flaw::RegistersLater
        }
        "threads::lost_wake_between_task_and_thread" => Flaw::TurnGoesWithReceive,
        _ => panic!("{case} has not been seen failing: give it a flaw"),
    }
}
