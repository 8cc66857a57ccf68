import type { Language } from './language.ts';
import { HANDOVER_OFFER, HANDOVER_OFFER_ES } from './understand.ts';

export interface Phrases {
  unknown: string;
  failed: string;
  identity: string;
  welcome: string;
  thanks: string;
  goodbye: string;
  offTopic: string;
  noProduct(query: string | null): string;
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
    noProduct: (query) =>
      `I couldn't find ${query ?? 'anything like that'} among our products. Would you like me to ${HANDOVER_OFFER}?`,
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
    noProduct: (query) =>
      `No encontré ${query ?? 'nada parecido'} entre nuestros productos. ¿Quiere que ${HANDOVER_OFFER_ES}?`,
  },
};
