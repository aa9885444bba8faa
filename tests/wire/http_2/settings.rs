//! Settings and windows.

use super::client::Outcome::{Closed, Nothing, Reset, Status};
use super::client::{ACK, SETTINGS, WINDOW_UPDATE, assert_outcomes, frame, get, post};

fn setting(id: u8, value: u32) -> Vec<Vec<u8>> {
    let payload = [&[0, id], &value.to_be_bytes()[..]].concat();
    vec![frame(SETTINGS, 0, 0, &payload)]
}

fn window(stream: u32, increment: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &increment.to_be_bytes())
}

// RFC 9113, section 6.5: https://www.rfc-editor.org/rfc/rfc9113#section-6.5
#[tokio::test]
async fn settings_have_their_form_and_their_range() {
    assert_outcomes([
        (
            "settings of a stream",
            vec![frame(SETTINGS, 0, 1, b"")],
            &[Closed(1)][..],
        ),
        (
            "settings of three bytes",
            vec![frame(SETTINGS, 0, 0, b"123")],
            &[Closed(6)],
        ),
        (
            "an acknowledgement with settings",
            vec![frame(SETTINGS, ACK, 0, &[0; 6])],
            &[Closed(6)],
        ),
        ("ENABLE_PUSH of 2", setting(2, 2), &[Closed(1)]),
        (
            "INITIAL_WINDOW_SIZE of 2^31",
            setting(4, 1 << 31),
            &[Closed(3)],
        ),
        ("MAX_FRAME_SIZE of 16,383", setting(5, 16_383), &[Closed(1)]),
        ("MAX_FRAME_SIZE of 2^24", setting(5, 1 << 24), &[Closed(1)]),
        ("a setting that is unknown", setting(0xff, 1), &[Nothing]),
        (
            "no window at first, a response without a body",
            [setting(4, 0), vec![get(1)]].concat(),
            &[Status(200)],
        ),
    ])
    .await;
}

// RFC 9113, section 6.9: https://www.rfc-editor.org/rfc/rfc9113#section-6.9
#[tokio::test]
async fn windows_grow_and_do_not_overflow() {
    assert_outcomes([
        (
            "the connection's by 0",
            vec![window(0, 0)],
            &[Closed(1)][..],
        ),
        (
            "a stream's by 0",
            vec![post(1, &[]), window(1, 0)],
            &[Reset(1), Closed(1)],
        ),
        (
            "the connection's beyond 2^31-1",
            vec![window(0, (1 << 31) - 1)],
            &[Closed(3)],
        ),
        (
            "a stream's beyond 2^31-1",
            vec![post(1, &[]), window(1, (1 << 31) - 1)],
            &[Reset(3), Closed(3)],
        ),
        ("by one", vec![window(0, 1), get(1)], &[Status(200)]),
    ])
    .await;
}
