/** One emoji that is meant for interchange, with its variation selector, skin tone or joined parts where it has them. */
export const EMOJI = new RegExp(String.raw`^\p{RGI_Emoji}$`, 'v');
