#include "protocol/error_code.hpp"

namespace rbamp::protocol {

Recovery recovery_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::ok: return Recovery::none;
    case ErrorCode::clone: return Recovery::out_of_service;
    case ErrorCode::lut_bad: return Recovery::degrade;
    case ErrorCode::flash_params_bad: return Recovery::provision;
    case ErrorCode::not_ready: return Recovery::wait;
    case ErrorCode::sensor_overflow:
    case ErrorCode::param: return Recovery::clear;
    case ErrorCode::unhandled: break;
  }
  return Recovery::clear_then_reset;
}

bool is_billable(ErrorCode code) {
  switch (code) {
    case ErrorCode::ok:
    case ErrorCode::flash_params_bad:  // only the configuration page; calibration lies elsewhere (protocol 8.2)
    case ErrorCode::param: return true;
    case ErrorCode::clone:
    case ErrorCode::lut_bad:
    case ErrorCode::not_ready:
    case ErrorCode::sensor_overflow:
    case ErrorCode::unhandled: break;
  }
  return false;
}

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::ok: return "ok";
    case ErrorCode::clone: return "identity check failed (clone)";
    case ErrorCode::lut_bad: return "ADC linearisation damaged";
    case ErrorCode::flash_params_bad: return "parameter page blank or torn";
    case ErrorCode::not_ready: return "first window not finished";
    case ErrorCode::sensor_overflow: return "input clips";
    case ErrorCode::param: return "write or command refused";
    case ErrorCode::unhandled: return "firmware fault";
  }
  return "unknown error code";
}

std::string_view advice_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::ok: return "Nothing to do.";
    case ErrorCode::clone: return "Take the module out of service; it does not measure, and no command clears this state.";
    case ErrorCode::lut_bad: return "Replace the module: it measures with 1 to 5 % error.";
    case ErrorCode::flash_params_bad: return "Set up sensor class, current transformers and label again, then save.";
    case ErrorCode::not_ready: return "Wait; when it lasts longer than 300 ms, reset the module.";
    case ErrorCode::sensor_overflow: return "Remove the overload or fit a larger current transformer, then clear the error.";
    case ErrorCode::param: return "The value or command is not supported by this module; clear the error.";
    case ErrorCode::unhandled: break;
  }
  return "Clear the error and reset the module; when it comes back, replace the module.";
}

}  // namespace rbamp::protocol
