"""What five real centres do, line by line, and what proves it: P1 Xi'an, P2 Xiangtan, P3 Gaoyou, P4 Weihai, P5 Taizhou.

A line is proved by named tests (`dispatch/callbacks::test_…` stands in tests/dispatch/test_callbacks.py), or cannot be
software's, with the reason; what is open says what is missing and stands in docs/roadmap.md. `test_lines.py` looks
that no line is left out and that every test is there.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cannot:
    """No software can do it, or none should: why."""

    why: str


@dataclass(frozen=True)
class Open:
    """Not built yet: what is missing."""

    missing: str


Line = tuple[str, ...] | Cannot | Open

COUNTS = {"P1": 27, "P2": 22, "P3": 25, "P4": 21, "P5": 22}

XIAN: dict[int, Line] = {
    1: ("profiles/xian_tanjia::test_the_street_takes_orders_from_above_only",),
    2: (
        "profiles/subjects::test_the_five_fields_of_a_street",
        "dispatch/intake::test_a_place_outside_every_cell_is_kept_and_flagged",
    ),
    3: ("profiles/xian_tanjia::test_each_type_has_its_own_flow_and_limit",),
    4: ("profiles/xian_tanjia::test_each_type_has_its_own_flow_and_limit",),
    5: ("profiles/xian_tanjia::test_each_type_has_its_own_flow_and_limit",),
    6: ("profiles/xian_tanjia::test_each_type_has_its_own_flow_and_limit",),
    7: (
        "profiles/xian_tanjia::test_only_complex_matters_are_extended_inside_the_limit_and_twice",
        "dispatch/petition_rules::test_extensions_may_have_to_fit_the_limit_all_together",
    ),
    8: ("profiles/xian_tanjia::test_the_section_gets_an_order_after_two_leaders_have_signed",),
    9: (
        "dispatch/texting::test_the_unit_is_told_number_class_and_limit_and_nothing_of_the_caller",
        "dispatch/texting::test_a_gateway_that_fails_is_tried_again_and_then_not_any_more",
    ),
    10: (
        "dispatch/orders::test_a_row_becomes_a_live_order_by_the_ordinary_way",
        "desks/desklists::test_a_signed_and_a_replied_case_move_on_in_the_inbox",
    ),
    11: ("profiles/xian_tanjia::test_the_section_gets_an_order_after_two_leaders_have_signed",),
    12: ("profiles/xian_tanjia::test_a_question_is_answered_after_the_citizen_was_spoken_to",),
    13: ("profiles/xian_tanjia::test_a_complaint_about_fees_from_the_order_to_the_callback",),
    14: (
        "dispatch/callbacks::test_who_cannot_or_will_not_be_called_never_waits",
        "dispatch/callbacks::test_every_caller_of_a_merged_case_is_called",
    ),
    15: ("profiles/xian_tanjia::test_a_complaint_about_fees_from_the_order_to_the_callback",),
    16: (
        "dispatch/callbacks::test_dissatisfied_or_unsolved_needs_a_reason_and_a_choice",
        "desks/casepage::test_a_dissatisfied_caller_needs_a_reason",
    ),
    17: (
        "profiles/xian_tanjia::test_three_calls_in_three_parts_of_one_day_and_the_caller_counts_as_unreachable",
        "dispatch/attempts::test_three_parts_of_one_day_conclude",
    ),
    18: ("profiles/xian_tanjia::test_the_street_takes_orders_from_above_only",),
    19: ("scorecards/intake::test_854_since_new_year_by_subject",),
    20: (
        "profiles/xian_tanjia::test_each_subject_has_its_own_way",
        "profiles/xian_tanjia::test_the_street_suggests_and_the_district_decides",
    ),
    21: ("dispatch/first_receiver::test_the_trade_has_an_authority_beside_the_agency_that_handles",),
    22: ("profiles/subjects::test_the_six_sub_types_of_property",),
    23: ("profiles/xian_tanjia::test_the_street_suggests_and_the_district_decides",),
    24: (
        "desks/casepage::test_several_agencies_can_be_sent_with_one_that_leads",
        "dispatch/watch::test_an_overdue_part_is_supervised_once",
    ),
    25: (
        "profiles/xian_tanjia::test_the_section_gets_an_order_after_two_leaders_have_signed",
        "dispatch/signing::test_a_return_has_an_opinion_and_begins_the_chain_anew",
    ),
    26: (
        "dispatch/stageclocks::test_an_order_from_above_has_its_own_clock_and_the_internal_one_ends_before",
        "desks/knowledge::test_an_order_from_above_needs_number_and_deadline_and_comes_once",
    ),
    27: (
        "profiles/xian_tanjia::test_a_complaint_about_fees_from_the_order_to_the_callback",
        "dispatch/statements::test_a_type_may_want_four_records_each_at_its_step",
    ),
}

XIANGTAN: dict[int, Line] = {
    1: ("profiles/profiles::test_each_place_takes_reports_by_its_own_channels",),
    2: (
        "scorecards/intake::test_249_by_four_sources_with_96_percent_on_time",
        "scorecards/intake::test_92_percent_of_those_called_back_are_satisfied",
    ),
    3: ("scorecards/intake::test_144_of_one_source_by_type_with_93_percent_answered_in_time",),
    4: ("scorecards/intake::test_45_of_the_county_mailbox_with_84_percent_answered_in_time",),
    5: ("scorecards/intake::test_done_in_time_and_answered_in_time_are_two_measures",),
    6: ("scorecards/bulletins::test_an_issue_has_its_number_in_the_year_and_through_all_years",),
    7: ("scorecards/bulletins::test_its_four_sections_say_what_the_figures_say",),
    8: ("scorecards/bulletins::test_an_excellent_case_is_told_by_the_template_and_put_into_an_issue",),
    9: ("scorecards/intake::test_hot_topics_name_the_places_and_nothing_confidential",),
    10: ("scorecards/intake::test_the_day_on_which_this_year_went_above_all_of_last_year",),
    11: (
        "dispatch/taking::test_a_channel_is_offered_from_its_first_day_to_its_last",
        "profiles/xiangtan::test_the_county_mailbox_opens_on_7_july",
    ),
    12: (
        "dispatch/mailbox::test_a_reply_from_the_units_own_mailbox_is_matched_and_used",
        "dispatch/mailbox::test_the_page_says_when_nobody_could_read_the_mailbox",
    ),
    13: ("desks/rulebook::test_a_change_is_asked_of_the_system_above_once_and_answered",),
    14: (
        "profiles/xiangtan::test_two_bureaus_stop_a_building_site_and_the_hours_are_agreed",
        "desks/casepage::test_several_agencies_can_be_sent_with_one_that_leads",
    ),
    15: ("profiles/xiangtan::test_a_complaint_about_an_officials_attitude_is_confided_to_few",),
    16: (
        "dispatch/masks::test_dates_case_numbers_and_house_numbers_stay",
        "dispatch/statements::test_without_words_there_is_no_record",
        "profiles/xiangtan::test_a_village_answers_by_mail_and_a_clerk_enters_it",
    ),
    17: (
        "desks/casepage::test_several_agencies_can_be_sent_with_one_that_leads",
        "desks/invite::test_done_is_the_ordinary_reply_of_the_part_and_counts_once",
    ),
    18: (
        "dispatch/orders::test_of_any_table_every_row_is_kept_or_rejected",
        "gridmap/normalise::test_cleaning_removes_what_nobody_said_and_nothing_else",
    ),
    19: (
        "dispatch/mailbox::test_a_reply_from_the_units_own_mailbox_is_matched_and_used",
        "dispatch/mailbox::test_a_clerk_enters_what_a_village_has_told_and_another_person_screens_it",
    ),
    20: ("desks/rulebook::test_a_new_version_shows_what_has_changed",),
    21: (
        "scorecards/intake::test_the_day_on_which_this_year_went_above_all_of_last_year",
        "scorecards/bulletins::test_its_four_sections_say_what_the_figures_say",
    ),
    22: ("dispatch/documents::test_each_kind_of_paper_is_a_step_of_the_case",),
}

GAOYOU: dict[int, Line] = {
    1: ("profiles/profiles::test_each_place_takes_reports_by_its_own_channels",),
    2: ("loop/browser::test_one_complaint_through_the_whole_loop",),
    3: (
        "desks/roster::test_every_minute_belongs_to_one_shift",
        "desks/roster::test_gaps_count_the_extra_seats_of_a_surge",
    ),
    4: ("profiles/gaoyou::test_a_day_of_more_than_a_hundred_calls",),
    5: (
        "dispatch/notifying::test_lists_and_case_say_who_was_called",
        "dispatch/notifying::test_a_call_without_the_name_of_who_answered_is_none",
    ),
    6: ("profiles/profiles::test_gaoyou_gives_two_and_seven_working_days_to_every_type",),
    7: ("desks/roster::test_a_surge_has_a_reason_and_a_day_and_opens_gaps",),
    8: Cannot("32,000 in a year is what this place had, not a rule; its rates are formulas of the scorecard."),
    9: (
        "desks/ask_online::test_urgent_help_has_a_reason_and_a_number_and_is_urgent_at_once",
        "desks/ask_online::test_an_enterprise_is_told_apart",
    ),
    10: (
        "dispatch/signing::test_the_reply_waits_for_each_seat_in_turn",
        "dispatch/signing::test_nobody_signs_before_their_turn_or_for_another_seat",
    ),
    11: (
        "desks/review::test_each_closing_is_seen_once_and_the_page_counts",
        "desks/review::test_what_is_not_solved_goes_back_with_the_instruction",
    ),
    12: ("desks/ledger::test_the_ledger_has_dates_results_and_the_people_in_charge",),
    13: (
        "scorecards/formulas::test_the_department_score_adds_its_four_terms",
        "scorecards/formulas::test_volume_points_step_down_at_the_band_edges",
    ),
    14: ("desks/undertakings::test_the_notice_of_a_month_says_what_was_done_and_who_was_silent",),
    15: ("desks/programme::test_guests_answer_on_air_and_the_rest_become_reports",),
    16: ("desks/knowledge::test_a_consultation_is_answered_at_once_with_its_article",),
    17: ("desks/undertakings::test_a_measure_outlives_the_case_that_it_came_from",),
    18: Cannot("How soon an owner pulls down a shed is not the software's doing; the ordinary flow holds it."),
    19: ("desks/knowledge::test_a_department_writes_its_own_and_somebody_of_the_centre_publishes",),
    20: (
        "dispatch/notifying::test_the_hour_runs_from_the_call_that_was_answered",
        "dispatch/notifying::test_arriving_stops_the_clock_at_the_time_on_site",
    ),
    21: ("dispatch/taking::test_type_complexity_and_urgency_change_with_a_reason_only",),
    22: (
        "desks/roster::test_the_lead_fills_a_gap_and_everybody_sees_who_is_on_duty",
        "desks/roster::test_the_outgoing_person_writes_and_the_incoming_one_signs",
    ),
    23: (
        "desks/programme::test_guests_answer_on_air_and_the_rest_become_reports",
        "desks/programme::test_what_was_answered_can_still_be_taken_on_and_only_once",
    ),
    24: ("desks/intake::test_a_caller_is_a_resident_or_an_enterprise",),
    25: (
        "desks/ledger::test_the_ledger_has_dates_results_and_the_people_in_charge",
        "desks/undertakings::test_the_notice_of_a_month_says_what_was_done_and_who_was_silent",
    ),
}

WEIHAI: dict[int, Line] = {
    1: ("loop/browser::test_one_complaint_through_the_whole_loop",),
    2: ("dispatch/routing::test_of_equal_rules_the_lower_level_is_tried_first",),
    3: (
        "desks/meetings::test_the_next_meeting_is_on_thursday",
        "desks/meetings::test_a_decision_is_a_step_of_the_case_and_stands_on_its_page",
        "desks/meetings::test_what_is_not_done_is_followed_up_at_the_next_meeting",
    ),
    4: ("desks/zero::test_a_unit_counts_what_is_open_with_all_below_it_and_names_the_oldest",),
    5: (
        "dispatch/callbacks::test_what_went_badly_is_looked_at_again_and_then_not_any_more",
        "profiles/profiles::test_weihai_looks_back_two_days_after_closing",
    ),
    6: ("profiles/subjects::test_the_frequent_classes_of_an_estate_street",),
    7: (
        "dispatch/whistles::test_who_may_call_on_which_level_stands_in_the_profile",
        "dispatch/whistles::test_one_whistle_at_a_time_and_the_next_level_after_it_was_raised",
    ),
    8: (
        "profiles/weihai::test_on_15_march_everybody_has_been_there",
        "profiles/weihai::test_a_wall_still_in_repair_is_followed_until_it_is_mended",
    ),
    9: ("profiles/weihai::test_the_wall_is_measured_and_both_neighbours_sign",),
    10: (
        "profiles/weihai::test_on_thursday_16_march_the_meeting_decides_who_pays",
        "desks/invite::test_only_bodies_outside_the_list_are_asked_and_only_by_dispatchers",
    ),
    11: ("desks/households::test_a_campaign_of_visits_counts_by_itself",),
    12: (
        "desks/households::test_two_due_lists_each_by_its_own_period",
        "desks/households::test_a_visit_takes_the_household_off_the_lists",
    ),
    13: (
        "desks/households::test_who_is_in_care_is_known_to_few_and_every_list_of_it_is_logged",
        "desks/households::test_daily_attention_says_whom_nobody_has_spoken_to",
    ),
    14: (
        "inspectors/found::test_a_finding_goes_straight_to_filing",
        "desks/households::test_a_need_on_the_doorstep_becomes_a_report_like_any_other",
    ),
    15: ("desks/undertakings::test_a_campaign_has_a_target_for_each_unit_and_adds_up",),
    16: ("desks/zero::test_closed_at_once_is_one_dispatch_and_nothing_again",),
    17: ("profiles/weihai::test_the_wall_is_measured_and_both_neighbours_sign",),
    18: ("dispatch/first_receiver::test_whoever_gave_it_back_answers_for_it_until_another_unit_accepts",),
    19: (
        "profiles/weihai::test_the_community_has_one_order_left_to_zero",
        "desks/zero::test_the_case_page_and_the_console_say_it",
    ),
    20: (
        "dispatch/documents::test_a_paper_needs_its_file_and_a_mediation_both_parties",
        "dispatch/documents::test_the_page_of_a_mediation_masks_both_parties_everywhere",
    ),
    21: ("desks/households::test_two_due_lists_each_by_its_own_period",),
}

TAIZHOU: dict[int, Line] = {
    1: ("profiles/taizhou::test_ten_sources_and_the_hotline_is_one_of_them",),
    2: Cannot("How many calls came and were solved is what this place had; rates are formulas of the scorecard."),
    3: ("profiles/taizhou::test_what_stays_unsolved_says_why_in_a_code_that_is_counted",),
    4: ("profiles/taizhou::test_the_covers_before_the_inn_from_the_call_to_the_callback",),
    5: ("desks/rulebook::test_a_rule_is_shown_where_its_people_work",),
    6: ("profiles/taizhou::test_the_covers_before_the_inn_from_the_call_to_the_callback",),
    7: (
        "profiles/taizhou::test_the_covers_before_the_inn_from_the_call_to_the_callback",
        "desks/intake::test_the_sentence_of_the_old_complaint_is_understood",
    ),
    8: (
        "profiles/taizhou::test_suspended_in_june_and_heard_again_in_october",
        "dispatch/statements::test_nothing_is_voided_before_the_caller_was_told_why",
    ),
    9: ("dispatch/petitions::test_a_survey_before_dispatch_brings_words_and_photos_and_moves_nothing",),
    10: ("profiles/taizhou::test_suspended_in_june_and_heard_again_in_october",),
    11: ("profiles/taizhou::test_a_body_outside_the_list_does_the_work_and_answers_by_a_link",),
    12: ("profiles/taizhou::test_the_reason_of_a_suspension_is_looked_at_again_on_site_before_it_goes_on",),
    13: ("scorecards/pages::test_statements_stay_the_same_with_more_agencies_and_cases",),
    14: (
        "scorecards/figures::test_a_suspended_part_is_in_the_denominator_only_by_switch",
        "dispatch/petitions::test_the_third_return_makes_a_case_hard",
    ),
    15: (
        "scorecards/notices::test_every_department_reads_its_own_notice_with_the_list_of_public_cases",
        "scorecards/notices::test_the_public_and_the_rest_are_listed_separately_and_add_up",
    ),
    16: ("dispatch/taking::test_a_complaint_about_a_unit_is_kept_from_its_whole_tree",),
    17: (
        "dispatch/stageclocks::test_each_stage_has_its_clock_and_a_verdict",
        "dispatch/callbacks::test_every_caller_of_a_merged_case_is_called",
    ),
    18: ("dispatch/cells::test_a_role_may_take_exactly_the_steps_of_the_tables",),
    19: ("gridmap/normalise::test_cleaning_removes_what_nobody_said_and_nothing_else",),
    20: ("profiles/taizhou::test_what_stays_unsolved_says_why_in_a_code_that_is_counted",),
    21: ("profiles/taizhou::test_a_complaint_about_conduct_is_hidden_from_the_unit_that_it_is_about",),
    22: ("desks/rulebook::test_the_pages_of_work_have_a_fold_for_it",),
}

LINES: dict[str, dict[int, Line]] = {"P1": XIAN, "P2": XIANGTAN, "P3": GAOYOU, "P4": WEIHAI, "P5": TAIZHOU}
