/** Words that say nothing about what is asked, folded as `splitWords` folds. English, and the commonest Spanish ones. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about actually all also am an and any anyone anything are as at be because been being but by can could d did do does
  doesn doing don done else ever for from get gets give got had has have having hello hey hi how i if im in into is isn it
  its just know let ll m may maybe me might mine more much my need no not now of ok okay on one or our ours out please pls
  r re really s shall she should so some something somewhere sure t tell than thank thanks that the their them then there
  these they thing things think this those to too u us use used ve very want was we well were what whats when where
  whether which while who whom whose why will with without won would wondering yes you your yours
  al como con cual cuales cuando de del donde el ella ellos en es esta este estan la las lo los me mi muy o para pero por
  que se si sin sobre son su sus tiene tienen tu un una uno unos usted ustedes y ya yo`.split(/\s+/),
);
