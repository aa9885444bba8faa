/// Runs all tests on this store.
macro_rules! conformance {
    ($store:ty) => {
        conformance! {
            $store:
            bounds::gcra_admits_no_more_than_the_burst_and_what_came_back,
            bounds::a_sliding_window_admits_no_more_than_the_count_in_any_window,
            bounds::a_sliding_window_is_strict_though_times_are_rounded,
            bounds::a_month_admits_no_more_than_its_quota,
            bounds::a_client_that_sends_more_gets_nine_tenths_of_a_sliding_window,
            bounds::a_steady_client_of_a_sliding_window_is_never_rejected,
            bounds::many_at_once_are_admitted_exactly,
            fairness::a_retry_exactly_after_the_wait_is_allowed_and_one_before_is_not,
            fairness::a_clock_that_steps_back_locks_nobody_out,
            fairness::a_quota_that_shrinks_locks_nobody_out,
            fairness::a_rejection_is_not_charged,
            fairness::a_cost_beyond_the_count_is_rejected_for_good_and_not_charged,
            fairness::the_highest_cost_is_none_that_has_overflowed,
            fairness::a_month_is_whole_again_at_its_end_and_not_before,
            fairness::remaining_never_rises_without_time,
            policies::all_are_charged_or_none,
            policies::each_has_its_own_state,
            policies::what_is_not_enforced_rejects_nothing_and_is_charged_for_itself,
            policies::two_of_them_do_not_leak_into_each_other,
            policies::keys_do_not_share_an_account,
            policies::no_request_is_no_limit,
            settlement::an_acquisition_may_overdraw_by_one_quota,
            settlement::a_peek_sees_what_an_acquisition_would,
            settlement::a_peek_from_outside_charges_nothing,
            settlement::a_reset_gives_the_whole_quota_back,
            settlement::a_reset_is_of_one_key_and_quota,
            settlement::a_refund_without_a_receipt_is_of_now,
            settlement::a_refund_of_what_was_never_charged_is_no_credit,
            settlement::a_refund_undoes_a_charge,
            settlement::a_late_refund_makes_no_room_in_a_later_window,
            settlement::a_late_refund_is_no_credit,
            settlement::a_refund_of_what_is_out_of_sight_makes_no_room,
            settlement::a_refund_of_last_month_makes_no_room_in_this_one,
            settlement::an_acquisition_never_gives_back,
        }
    };
    ($store:ty: $($module:ident::$name:ident,)*) => {
        $(
            #[test]
            fn $name() {
                crate::$module::$name::<$store>();
            }
        )*
    };
}
