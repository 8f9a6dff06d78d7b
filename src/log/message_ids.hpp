// MESSAGE_IDs of what operators alert on: `journalctl MESSAGE_ID=...`. Random, and fixed for ever once released.
#pragma once

#include "log/message_id.hpp"

namespace rbamp::log::message_id {

inline constexpr MessageId started{"3bc10c1a46a8426d85067bad9bda83a9"};  ///< The daemon is ready and meters.
inline constexpr MessageId stopped{"ddd80541975f4a42b25586c2c6767d92"};  ///< The daemon ended in order.
inline constexpr MessageId starts_failing{
    "598366413218484aae98f9a3c3273f76"};  ///< The starts before this one ended soon; it waits before it begins.
inline constexpr MessageId last_period_open{
    "4b8c90082e0a4d1c9a22d093a484b6e9"};                                   ///< The daemon ended without closing the last period.
inline constexpr MessageId simulated{"6eb261f52a2448439bc68850f22dc81b"};  ///< A simulated house is metered.
inline constexpr MessageId config_refused{
    "308d0cad3ec64bc2a5d64721001e3ff0"};  ///< A configuration has problems; the old one, if any, stays in force.
inline constexpr MessageId config_reloaded{
    "5106981a4c2a4c81af3df0b020859813"};                                  ///< A changed configuration was read and applied.
inline constexpr MessageId bus_lost{"94e7579c85db4ce9afa213342013f3d0"};  ///< An I2C bus cannot be used any more.
inline constexpr MessageId bus_back{"a33376b7d86a40e39b2954ff56fe74f9"};  ///< A lost bus works again.
inline constexpr MessageId bus_overloaded{
    "6c28cd94aec84c448a7de961b4f2b47c"};                                      ///< More is to be read on a bus than it can carry.
inline constexpr MessageId bus_relieved{"02d5da31dd164bdeaabcf3052a840d5b"};  ///< A bus carries again what is asked of it.
inline constexpr MessageId no_bus{"6cff2518a940453a946101d1dbf4d0dc"};        ///< No bus could be opened: this start ended.
inline constexpr MessageId drdy_trouble{
    "fcaa9e4505b548c78895ff51033a72ac"};  ///< A DRDY line cannot be used, or a module holds it low.
inline constexpr MessageId drdy_back{"03378b98c8b1444d9b3dc63c331d3f7f"};  ///< A DRDY line that was in trouble can be used again.
inline constexpr MessageId module_lost{"f21761a54cae4ec097f1d2ccf57e8f6d"};  ///< A module does not answer any more.
inline constexpr MessageId module_back{"3786a1a7be224766a5456148f8985740"};  ///< A lost module answers again.
inline constexpr MessageId module_reset{
    "a6a4077117134adeb491b642de348d91"};  ///< A module restarted by itself or was power-cycled.
inline constexpr MessageId module_refused{
    "c1e7f9c3d4754cd59843cb9b71886c65"};  ///< The chip at a configured address is not the one that is pinned there, or no rbAmp.
inline constexpr MessageId module_unreadable{
    "9aa4e5451afd450e8b61028d8b8faf5a"};  ///< Something answers at the address of a module, but it cannot be identified.
inline constexpr MessageId module_slow{
    "0d68bd29488c4f30a326800113598c34"};  ///< A module takes much of its bus's time: it is read seldom.
inline constexpr MessageId module_quick{"20b41e737b524c1a9a0242778c50731b"};  ///< A slow module is quick again.
inline constexpr MessageId module_misfit{
    "ffca3a8a5508455fa633f61c2b463232"};  ///< The configuration does not fit the kind of module that was found.
inline constexpr MessageId setup_missing{
    "5ff4930d18bb4445bface1dcf39576c2"};  ///< A module has no sensor class: what it measures means nothing yet.
inline constexpr MessageId voltage_missing{
    "cdacd1f6be994340b92439f078c2bb72"};  ///< The module that another one takes its voltage from gives none.
inline constexpr MessageId voltage_back{"a20ce6c2692c4363ac5400ef2348afd3"};  ///< That voltage is read again.
inline constexpr MessageId gap_posted{
    "27aae765950c4f2ab3f75a854e1d8884"};  ///< A stretch of time was booked as a gap: nobody knows its energy.
inline constexpr MessageId ledger_fault{"aa7749f4f4374763b4e17d7b9d23737a"};  ///< The ledger cannot be written.
inline constexpr MessageId ledger_back{
    "d0fb7e1063074544a788091edab07a57"};  ///< The ledger can be written again; what waited in memory is stored.
inline constexpr MessageId ledger_restored{"a66970df3f324e27b529b81a4f9051e3"};  ///< A damaged ledger was set aside and restored.
inline constexpr MessageId ledger_upkeep{
    "12b258c7f6f648d6a083cad690eca76c"};  ///< A side job of the ledger failed; no energy depends on it.
inline constexpr MessageId broker_lost{"2ffd263cf2984c278fc138ca6afb033e"};  ///< The connection to the MQTT broker is gone.
inline constexpr MessageId broker_back{"fa0a8c18e41248a5956ac99578b19519"};  ///< The MQTT broker is connected again.
inline constexpr MessageId broker_unverified{
    "576988474dca4f51baf68cfd2d6c6226"};  ///< The configuration forbids to look at the MQTT broker's certificate.
inline constexpr MessageId mqtt_off{
    "25b28a702b1848a4be7182f129f296da"};  ///< MQTT is switched off until a reload or restart: what it needs cannot be read.
inline constexpr MessageId broker_refuses{
    "6837bc2802e74e5d9acd249acfaf8535"};  ///< The MQTT broker refuses messages or subscriptions, or may do so.
inline constexpr MessageId register_held{
    "707f6b606ce54670914eb28cf6e91e8a"};  ///< MQTT shows a higher register than the ledger has.
inline constexpr MessageId order_refused{"1b6036df43e7460d88aaaac9dc8e30a2"};  ///< An order over MQTT was not carried out.
inline constexpr MessageId dbus_absent{"a8a831170dfb48149cd967be1aeebb7b"};    ///< org.rbampd1 is not on the message bus.
inline constexpr MessageId dbus_back{"b52583dba2b14a7e87d54f7294320ad9"};      ///< org.rbampd1 is on the message bus again.
inline constexpr MessageId power_step{"147adfcb40f5475f8b01b2de4bc5a080"};     ///< A load was turned on or off.
inline constexpr MessageId mains_abnormal{
    "012c39722d6f4150b00ce00ff6a0ee34"};  ///< Voltage or frequency left its limits, or came back.
inline constexpr MessageId threshold_crossed{
    "c64b7b3a51bc48d79e1aa307a4820587"};  ///< A threshold that is set in a module was crossed.
inline constexpr MessageId measuring_doubtful{
    "ded44d61c5874ffbbe4ae3cf458c15b5"};  ///< A clamp seems turned or saturated, rulers disagree, or a module reports an error.
inline constexpr MessageId live_memory_lost{
    "5977fe8414c547838377fc96d1502321"};  ///< What was seen of live power cannot be kept for, or was not found by, the next process.
inline constexpr MessageId clock_changed{
    "7b01f8f4b693464bbb20db61731a9151"};  ///< The host's clock was set or became synchronised.

}  // namespace rbamp::log::message_id
