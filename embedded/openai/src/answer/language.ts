import { splitWords } from '../words.ts';

export type Language = 'en' | 'es';

const SPANISH = new Set(
  `que el la los las un una unos unas de del al es son esta estan hay como cuando donde cuanto cuanta cuantos cuantas cual
  cuales por para con sin su sus mi usted ustedes tienen tiene tienes venden vende abren abre cierran cierra cuesta cuestan
  precio hola gracias buenos buenas dias tardes noches hoy manana lunes martes miercoles jueves viernes sabado domingo
  abierto abierta abiertos abiertas cerrado cerrados horario puedo quiero necesito hacen envio envios telefono direccion
  correo si y o pero muy mas menos barato barata en se lo nuestra nuestro no`.split(/\s+/),
);
const ENGLISH = new Set(
  `the a an is are was do does did you your we our i my it of to in on at and or for with what when where which who how
  no much many have has can could will would there this that any some not from by be they open closed price`.split(
    /\s+/,
  ),
);

/** English unless more of its small words are Spanish. Pure. */
export function detectLanguage(text: string): Language {
  if (/[¿¡]/.test(text)) return 'es';
  const words = splitWords(text);
  const spanish = words.filter((word) => SPANISH.has(word)).length;
  return spanish > words.filter((word) => ENGLISH.has(word)).length ? 'es' : 'en';
}

// What carries a question, in the order in which it is replaced: longer phrases first. What is asked for stays as it is.
const FRAMES: [RegExp, string][] = [
  [
    /\b(cuanto|cuanta) (cuesta|vale|sale)n?\b|\ba cuanto (esta|estan|sale|salen)\b|\bque precio tienen?\b/g,
    'how much is',
  ],
  [
    /\b(cual|cuales) (es|son) (su|el|la|los|las|tu) (direccion|ubicacion)\b|\bdonde (estan|queda|quedan|se encuentran|se ubican|estas|esta) *(ustedes|la tienda|el local|ubicados|la panaderia)?(?=\s*[?.!]*$)/g,
    'what is your address',
  ],
  [/\b(numero de telefono|telefono|numero)\b/g, 'phone number'],
  [/\b(correo electronico|correo|e-?mail)\b/g, 'email address'],
  [/\bcomo (llego|llegar|se llega)\b/g, 'how do i get there'],
  [/\b(a que hora|cual es (su|el) horario|que horario tienen?|horarios?( de atencion)?)\b/g, 'hours'],
  [/\b(estan|esta|estaran|son) (abierto|abierta)s?\b/g, 'are you open'],
  [/\b(estan|esta|estaran) (cerrado|cerrada)s?\b/g, 'are you closed'],
  [/\b(abren|abre|abriran|abiert[oa]s?)\b/g, 'open'],
  [/\b(cierran|cierra|cerrad[oa]s?)\b/g, 'close'],
  [/\bpasado manana\b/g, 'day after tomorrow'],
  [/\bmanana\b/g, 'tomorrow'],
  [/\b(hoy)\b/g, 'today'],
  [/\b(ahora( mismo)?)\b/g, 'now'],
  [/\beste fin de semana|el fin de semana\b/g, 'this weekend'],
  [/\b(el |los |este |proximo )?lunes\b/g, 'on monday'],
  [/\b(el |los |este |proximo )?martes\b/g, 'on tuesday'],
  [/\b(el |los |este |proximo )?miercoles\b/g, 'on wednesday'],
  [/\b(el |los |este |proximo )?jueves\b/g, 'on thursday'],
  [/\b(el |los |este |proximo )?viernes\b/g, 'on friday'],
  [/\b(el |los |este |proximo )?sabados?\b/g, 'on saturday'],
  [/\b(el |los |este |proximo )?domingos?\b/g, 'on sunday'],
  [/\bnochebuena\b/g, 'christmas eve'],
  [/\b(el dia de )?(la )?navidad\b/g, 'christmas'],
  [/\baccion de gracias\b/g, 'thanksgiving'],
  [/\bano nuevo\b/g, 'new year'],
  [/\b(mas barat[oa]s?|mas economic[oa]s?)\b/g, 'cheapest'],
  [/\b(mas car[oa]s?)\b/g, 'most expensive'],
  [/\b(menos de|por debajo de)\b/g, 'under'],
  [/\b(mas de)(?= \$?\d)/g, 'over'],
  [/\bdolares\b/g, 'dollars'],
  [/\b(precio|precios)\b/g, 'price'],
  [/\b(disponibles?|en existencia)\b/g, 'available'],
  [/\b(tienen|tiene|tienes|venden|vende|hay)\b/g, 'do you have'],
  [/\b(cuantos|cuantas)\b/g, 'how many'],
  [/\b(hablar con (una persona|alguien|un humano))\b/g, 'talk to a person'],
  [/\bmuchas gracias\b|\bgracias\b/g, 'thank you'],
  [/\b(hola|buenos dias|buenas tardes|buenas noches|buenas)\b/g, 'hello'],
  [/\b(adios|hasta luego)\b/g, 'goodbye'],
  [/\b(ofrecen|ofrece|hacen|hace|aceptan|acepta|dan)\b/g, 'do you offer'],
  [/\b(puedo|podemos|se puede)\b/g, 'can i'],
  [/\b(quiero|quisiera|necesito)\b/g, 'i want'],
  [/\bdonde\b/g, 'where'],
  [/\bcuando\b/g, 'when'],
  [/\bcomo\b/g, 'how'],
  [/\b(y)\b/g, 'and'],
];

/** A Spanish message with the words of its frame in English, so that one set of rules understands both. Pure. */
export function translateFrame(text: string): string {
  let translated = text
    .replaceAll(/[¿¡]/g, '')
    .normalize('NFD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase();
  for (const [pattern, english] of FRAMES) translated = translated.replace(pattern, english);
  return translated;
}

/** The paragraphs of a text that are in that language, the others where there are none; a lead such as "En español:" left out. */
export function inLanguage(text: string, language: Language): string {
  const paragraphs = text.split(/\n\s*\n/);
  const fitting = paragraphs.filter((paragraph) => detectLanguage(paragraph) === language);
  const chosen = fitting.length > 0 ? fitting : paragraphs;
  return chosen.map((paragraph) => paragraph.replace(/^\s*(en español|in english):\s*/i, '')).join('\n\n');
}
