// Stands for culori: the colour spaces of CSS that a figure may name, without the other twenty.

import { converter, formatHex, formatRgb, modeHsl, modeLrgb, modeRgb, useMode, wcagContrast, wcagLuminance } from "culori/fn";

useMode(modeRgb);
useMode(modeHsl);
useMode(modeLrgb); // for luminance

export { converter, formatHex, formatRgb, wcagContrast, wcagLuminance };
