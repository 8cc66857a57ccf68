import type { Language } from './language.ts';
import type { FoundProduct } from './structured.ts';
import { HANDOVER_OFFER, HANDOVER_OFFER_ES } from './understand.ts';

export interface Phrases {
  unknown: string;
  failed: string;
  identity: string;
  welcome: string;
  thanks: string;
  goodbye: string;
  offTopic: string;
  noContact: string;
  /** @param question what the answer is one to, where the visitor asked in other words */
  guess(question: string, answer: string): string;
  noProduct(thing: string | null): string;
  /** @param listed what comes closest to a thing that isn't sold */
  closest(thing: string | null, listed: string): string;
  /** Of a product that was found something is asked that its description doesn't say. */
  notTold(product: FoundProduct): string;
}

/** What is said where nothing was looked up, or nothing was found. */
export const PHRASES: Record<Language, Phrases> = {
  en: {
    unknown: `I'm sorry, I don't have that information. Would you like me to ${HANDOVER_OFFER}?`,
    failed: `I'm sorry, I couldn't look that up just now. Would you like me to ${HANDOVER_OFFER}?`,
    identity:
      "I'm an AI assistant, not a person. I have no language model: I look up what this business has published and answer with it. I can also pass a message on to the team.",
    welcome: 'Hello! How can I help you today?',
    thanks: "You're welcome! Is there anything else I can help you with?",
    goodbye: 'Goodbye, and have a nice day!',
    offTopic:
      "I'm here for questions about this business, so I can't help with that. Is there something about us that you would like to know?",
    guess: (question, answer) => `Perhaps this helps: “${question}” ${answer}`,
    noContact: "I'm sorry, I don't have that.",
    noProduct: (thing) =>
      `I'm sorry, I couldn't find ${thing ?? 'anything like that'} in what we offer. Would you like me to ${HANDOVER_OFFER}?`,
    closest: (thing, listed) =>
      `I'm sorry, I couldn't find ${thing ?? 'that'} in what we offer. Closest to it: ${listed}.`,
    notTold: ({ name, description }) =>
      `I'm sorry, I don't have that information about ${name}.${description ? ` What I know: ${description.replace(/(?<![.!?])$/, '.')}` : ''} Would you like me to ${HANDOVER_OFFER}?`,
  },
  es: {
    unknown: `Lo siento, no tengo esa información. ¿Quiere que ${HANDOVER_OFFER_ES}?`,
    failed: `Lo siento, no pude consultarlo en este momento. ¿Quiere que ${HANDOVER_OFFER_ES}?`,
    identity:
      'Soy un asistente de IA, no una persona. Busco en lo que este negocio ha publicado y respondo con ello. También puedo pasar un mensaje al equipo.',
    welcome: '¡Hola! ¿En qué puedo ayudarle?',
    thanks: '¡Con gusto! ¿Puedo ayudarle con algo más?',
    goodbye: '¡Hasta luego, que tenga un buen día!',
    offTopic:
      'Estoy aquí para preguntas sobre este negocio, así que en eso no puedo ayudar. ¿Hay algo de nosotros que quiera saber?',
    guess: (question, answer) => `Quizá esto le sirva: “${question}” ${answer}`,
    noContact: 'Lo siento, eso no lo tengo.',
    noProduct: (thing) =>
      `Lo siento, no encontré ${thing ?? 'nada parecido'} entre lo que ofrecemos. ¿Quiere que ${HANDOVER_OFFER_ES}?`,
    closest: (thing, listed) =>
      `Lo siento, no encontré ${thing ?? 'eso'} entre lo que ofrecemos. Lo más parecido: ${listed}.`,
    notTold: ({ name }) => `Lo siento, no tengo esa información sobre ${name}. ¿Quiere que ${HANDOVER_OFFER_ES}?`,
  },
};
