#pragma once

#include <string>

#include "ops/fused.h"

namespace sinew::ops {

/// The two attributes of op "fused" that say what it computes, in words: see FusedCode.
std::string code_text(const FusedCode& code);
std::string results_text(const FusedCode& code);
/// Reads them back into a code whose `inputs` is set; throws InternalError with the text when it
/// cannot.
void read_texts(const std::string& code, const std::string& results, FusedCode& into);

}  // namespace sinew::ops
