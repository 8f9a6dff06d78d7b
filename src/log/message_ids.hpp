// MESSAGE_IDs of what operators alert on: `journalctl MESSAGE_ID=...`. Random, and fixed for ever once released.
#pragma once

#include <string_view>

namespace rbamp::log::message_id {

inline constexpr std::string_view started = "3bc10c1a46a8426d85067bad9bda83a9";  ///< The daemon is ready and meters.
inline constexpr std::string_view stopped = "ddd80541975f4a42b25586c2c6767d92";  ///< The daemon ended in order.
inline constexpr std::string_view config_refused =
    "308d0cad3ec64bc2a5d64721001e3ff0";  ///< A configuration has problems; the old one, if any, stays in force.
inline constexpr std::string_view config_reloaded =
    "5106981a4c2a4c81af3df0b020859813";  ///< A changed configuration was read and applied.
inline constexpr std::string_view bus_lost = "94e7579c85db4ce9afa213342013f3d0";     ///< An I2C bus cannot be used any more.
inline constexpr std::string_view bus_back = "a33376b7d86a40e39b2954ff56fe74f9";     ///< A lost bus works again.
inline constexpr std::string_view module_lost = "f21761a54cae4ec097f1d2ccf57e8f6d";  ///< A module does not answer any more.
inline constexpr std::string_view module_back = "3786a1a7be224766a5456148f8985740";  ///< A lost module answers again.
inline constexpr std::string_view module_reset =
    "a6a4077117134adeb491b642de348d91";  ///< A module restarted by itself or was power-cycled.
inline constexpr std::string_view module_refused =
    "c1e7f9c3d4754cd59843cb9b71886c65";  ///< The chip at a configured address is not the one that is pinned there, or no rbAmp.
inline constexpr std::string_view gap_posted =
    "27aae765950c4f2ab3f75a854e1d8884";  ///< A stretch of time was booked as a gap: nobody knows its energy.
inline constexpr std::string_view ledger_fault = "aa7749f4f4374763b4e17d7b9d23737a";  ///< The ledger cannot be written.
inline constexpr std::string_view ledger_back =
    "d0fb7e1063074544a788091edab07a57";  ///< The ledger can be written again; what waited in memory is stored.
inline constexpr std::string_view ledger_restored =
    "a66970df3f324e27b529b81a4f9051e3";  ///< A damaged ledger was set aside and restored.
inline constexpr std::string_view broker_lost =
    "2ffd263cf2984c278fc138ca6afb033e";  ///< The connection to the MQTT broker is gone.
inline constexpr std::string_view broker_back = "fa0a8c18e41248a5956ac99578b19519";  ///< The MQTT broker is connected again.
inline constexpr std::string_view broker_unverified =
    "576988474dca4f51baf68cfd2d6c6226";  ///< The configuration forbids to look at the MQTT broker's certificate.
inline constexpr std::string_view power_step = "147adfcb40f5475f8b01b2de4bc5a080";  ///< A load was turned on or off.
inline constexpr std::string_view mains_abnormal =
    "012c39722d6f4150b00ce00ff6a0ee34";  ///< Voltage or frequency left its limits, or came back.
inline constexpr std::string_view threshold_crossed =
    "c64b7b3a51bc48d79e1aa307a4820587";  ///< A threshold that is set in a module was crossed.
inline constexpr std::string_view measuring_doubtful =
    "ded44d61c5874ffbbe4ae3cf458c15b5";  ///< A clamp seems turned or saturated, rulers disagree, or a module reports an error.
inline constexpr std::string_view clock_changed =
    "7b01f8f4b693464bbb20db61731a9151";  ///< The host's clock was set or became synchronised.

}  // namespace rbamp::log::message_id
