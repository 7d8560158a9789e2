import { sha256 } from '../canonical-json.ts';

/** The one stylesheet of all pages. */
export const style = `
:root{color-scheme:light dark;--tiny:.75rem;--small:.875rem;--dense:.9375rem;--text:1rem;--title:1.2rem;--figure:1.4rem;--page:1.75rem;--paper:#f5f7fa;--card:#fff;--ink:#17212d;--soft:#4b5a6b;--line:#d5dce5;--accent:#0a58a6;--on-accent:#fff;
--good:#0b6b3a;--good-bg:#e2f4e9;--bad:#a3161f;--bad-bg:#fce8e9;--wait:#7a4b00;--wait-bg:#fdf1d8;--calm:#435266;--calm-bg:#e9eef4}
@media screen and (prefers-color-scheme:dark){:root{--paper:#0e141b;--card:#161e28;--ink:#e7edf4;--soft:#a7b4c2;--line:#2c3846;--accent:#7ab8ff;--on-accent:#0b1622;
--good:#7ddba3;--good-bg:#12301f;--bad:#ff9ba1;--bad-bg:#3a171a;--wait:#f3c671;--wait-bg:#352608;--calm:#b3c0ce;--calm-bg:#212c38}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:3px}
/* Where the focus is on a part of it, such as its calendar, the field itself has no visible focus. */
input[type=datetime-local]:focus-within{outline:3px solid var(--accent);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-999px}
.heard{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.4rem .8rem;z-index:1}
.top{background:var(--card);border-bottom:1px solid var(--line)}
.top>div,main,.foot{max-width:66rem;margin:0 auto;padding:0 1.25rem}
.top>div{display:flex;align-items:center;gap:1.25rem;min-height:3.5rem}
.brand{font-weight:700;text-decoration:none;color:var(--ink);letter-spacing:.01em}
.brand,.top nav{white-space:nowrap;flex:none}
.brand span{color:var(--accent)}
.top nav{display:flex;flex-wrap:wrap;gap:0 1rem;max-width:100%}
.top nav a,.brand{display:inline-block;padding:.35rem 0}
/* Names, figures and remarks each stand in a row of their own, however long one of them is. */
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,11rem),1fr));gap:1rem;margin:.75rem 0}.figures>div{min-width:0;display:grid;grid-template-rows:subgrid;grid-row:span 3;gap:0}.figures dt{font-size:var(--small);align-self:end}.figures dd{display:contents}.figures strong{font-size:var(--title);line-height:1.4}.figures .soft{line-height:1.35}.plot .axis{fill:var(--soft)}
.top form{margin-left:auto;min-width:0;display:flex;align-items:center;gap:.75rem}
.top .button{flex:none}
.who{min-width:0;text-align:right}
main{padding-top:1.5rem;padding-bottom:3rem}
.foot{padding-bottom:2rem;color:var(--soft);font-size:var(--small)}
h1{font-size:var(--page);line-height:1.25;margin:.25rem 0 .75rem}
h2{font-size:var(--title);margin:0}
h3{font-size:var(--text);margin:1.25rem 0 .5rem}
p{margin:.5rem 0}
.lead{color:var(--soft);max-width:48rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.1rem 1.25rem;margin:1rem 0}
.card>:first-child{margin-top:0}.card>:last-child{margin-bottom:0}
.card.narrow,.acts>:only-child{max-width:40rem}
/* Forms stand side by side where there is room: a person chooses between them. */
.acts,.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,27rem),1fr));gap:1rem;align-items:start;margin:1rem 0}.cards>.card.card{margin:0}.cards:has(>.slim){gap:.5rem 1rem}.cards>[open],.cards>.filter{grid-column:1/-1}.acts:empty{display:none}.acts>.card{margin:0;max-width:none}.acts>section,.acts>details{grid-column:1/-1}
.card.slim{padding:.2rem 1.25rem;margin:.4rem 0}.slim summary .soft{white-space:nowrap}.slim h2{display:inline;font-size:var(--text);color:var(--ink)}
.head{display:flex;gap:.25rem .75rem;align-items:baseline;flex-wrap:wrap}.head .pill{position:relative;top:-.1rem}
.pill{display:inline-block;border-radius:999px;padding:.08rem .65rem;font-size:var(--tiny);font-weight:600;white-space:nowrap;background:var(--calm-bg);color:var(--calm)}
.pill.good{background:var(--good-bg);color:var(--good)}
.pill.bad{background:var(--bad-bg);color:var(--bad)}
.pill.wait{background:var(--wait-bg);color:var(--wait)}
.soft{color:var(--soft);font-size:var(--small)}
/* A finger needs 24 pixels (WCAG 2.2, 2.5.8); links within a sentence are let off. */
dd>a,li>a,h2>a,.soft>a,th>a,td>a,strong>a,p>a:only-child{display:inline-block;min-height:1.5rem}
.mono,code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875em}
.code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:var(--page);font-weight:700;letter-spacing:.18em}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.25rem;margin:.5rem 0}
dt{color:var(--soft)}
.brief{grid-template-columns:minmax(10rem,max-content) 1fr}.said{display:block;white-space:pre-line}.said a{padding-block:.2rem}
dd{margin:0}
dd ul.plain,dd ul.plain li{margin:0}
ul.plain,ol.plain{list-style:none;padding:0;margin:.5rem 0}
ul.plain li{margin:.25rem 0}
ul{padding-left:1.25rem;margin:.5rem 0}
li{margin:.25rem 0}
.notable>li{display:grid;grid-template-columns:8.5rem minmax(0,1fr);gap:.5rem;margin:.5rem 0}
.tight strong>a{display:inline}.notable .pill{justify-self:start;align-self:start}
.phases{columns:22rem 2;column-gap:2rem;margin:0;padding:0;list-style:none}.phases>li{break-inside:avoid;margin:0 0 .4rem}.phases li:has(.steps .steps),.steps li:has(.steps){break-inside:auto!important}.phase{display:block;font-size:var(--tiny);font-weight:600;color:var(--soft)}.steps .phase{margin-top:.35rem}.steps .steps{padding:.2rem 0 0}
.moments>li{display:grid;grid-template-columns:16rem 1fr;gap:0 1rem;border-top:1px solid var(--line);padding:.3rem 0;margin:0}
.steps{margin:0;padding:0;list-style:none}.steps li{break-inside:avoid;position:relative;margin:0;padding:.15rem 0 .35rem 1.9rem;border:0}
.steps li::before{content:"";position:absolute;left:.35rem;top:.5rem;width:.8rem;height:.8rem;border-radius:50%;border:2px solid currentColor;background:var(--card);z-index:1}.steps li::after{content:"";position:absolute;left:.75rem;top:.9rem;bottom:-.7rem;width:2px;background:var(--line)}.steps li:last-child::after{content:none}
.steps li.good::before{border-color:var(--good);background:var(--good)}.steps li.bad::before{border-color:var(--bad);background:var(--bad);border-radius:2px}.steps li.wait::before{border-color:var(--wait);background:var(--wait-bg)}.steps li.ahead::before{border-color:var(--soft)}.steps a[aria-current]{font-weight:700}
summary{cursor:pointer;color:var(--soft);padding:.3rem 0}
details dl{margin-top:.25rem}.failing{color:var(--bad)}.wide{display:none}.rest{margin:0}.rest>summary{padding:0}.said .rest,.rest>summary{font-weight:400}.inline summary{color:inherit;padding:0}.inline .said{display:inline}.inline .said::before{content:" "}
.note{border-left:4px solid var(--wait);background:var(--wait-bg);padding:.6rem .9rem;border-radius:0 8px 8px 0;margin:.75rem 0}
.note.bad{border-color:var(--bad);background:var(--bad-bg)}
.note.good{border-color:var(--good);background:var(--good-bg)}
.note.calm{border-color:var(--calm);background:var(--calm-bg)}.note.bad .pill.bad,.note.good .pill.good{background:var(--card)}
.note.wait{border-color:var(--wait);background:var(--wait-bg)}
.wanted>li{border-top:1px solid var(--line);padding-top:.5rem;margin:.5rem 0}.wanted p{margin:.25rem 0}.wanted div{margin:.25rem 0 .75rem}
.note>:first-child{margin-top:0}.note>:last-child{margin-bottom:0}
table{width:100%;border-collapse:collapse;margin:.75rem 0;font-size:var(--dense)}
th,td{text-align:left;vertical-align:top;padding:.5rem .75rem .5rem 0;border-top:1px solid var(--line)}
thead th{color:var(--soft);font-weight:600;font-size:var(--tiny);border-top:0}
tbody th{font-weight:500}
.runs{table-layout:fixed}.runs th:nth-child(2){width:7.5rem}.runs th:nth-child(3){width:8.5rem}.runs th:nth-child(4){width:20rem}.runs th:nth-child(5){width:8rem}
.checks{table-layout:fixed}.checks th:nth-child(2){width:8.5rem}.checks th:nth-child(3){width:38%}.checks th:nth-child(4){width:10rem}
.count{display:inline-block;min-width:1.5rem;text-align:center;border-radius:999px;padding:0 .4rem;font-size:var(--tiny);font-weight:600;background:var(--wait-bg);color:var(--wait)}.count.none{background:var(--calm-bg);color:var(--calm)}
.item h2{font-size:var(--text)}.item p{margin:.25rem 0}.item p:has(>.button){margin:.75rem 0}.item p:has(+.asked){margin-top:.9rem}.plain.asked>li{border-top:1px solid var(--line);padding:.4rem 0;margin:0}
.search .fields{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:0 1rem}.search .fields p{margin:.4rem 0}.search .fields>p:has(>.button){align-self:end;display:flex}.search .button{min-height:2.8rem;padding-block:0}.search .ids{grid-template-columns:minmax(17rem,1.4fr) repeat(3,minmax(0,1fr))}
.data{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:.6rem .8rem;margin:.35rem 0;white-space:pre-wrap;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875em}
.events{table-layout:fixed;font-size:var(--small)}.events th:nth-child(1){width:8rem}.events th:nth-child(2){width:10.5rem}.events th:nth-child(4){width:9rem}.events th:nth-child(5){width:15rem}
.passed>li{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1.3fr) minmax(0,.7fr);gap:0 1rem;border-top:1px solid var(--line);padding:.35rem 0;margin:0;font-size:var(--dense)}
.lines>li{border-top:1px solid var(--line);padding:.45rem 0;margin:0}.lines p{margin:.15rem 0}.button.small{padding:.3rem .8rem;width:auto}
.diff>li{display:grid;grid-template-columns:1.25rem 1fr;gap:.25rem;padding:.25rem .5rem;border-left:4px solid var(--calm)}.diff .sign{font-weight:700;align-self:start}
.diff>.plus{border-color:var(--good)}.diff>.minus{border-color:var(--bad)}.diff>.plus .sign{color:var(--good)}.diff>.minus .sign{color:var(--bad)}
/* With script, which can show the exact ones, relative times stand alone. Readers of the screen are given both. */
time,.passing{font-variant-numeric:tabular-nums}.ago{white-space:nowrap}.ago::before{content:"("}.ago::after{content:")"}
@media screen and (scripting:enabled){:root:not([data-exact]) time:not(.both)>.ago::before,:root:not([data-exact]) time:not(.both)>.ago::after{content:none}
:root:not([data-exact]) .moments>li{grid-template-columns:8rem 1fr}
:root:not([data-exact]) :not(.both)>.at{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
time[tabindex]{position:relative}:root:not([data-exact]) time[tabindex]:focus-visible>.at{width:max-content;height:auto;clip-path:none;left:0;top:100%;z-index:2;background:var(--card);color:var(--ink);border:1px solid var(--soft);border-radius:5px;padding:.1rem .5rem}}
@media (scripting:none){.above:not(:has(a)){display:none}}
.above{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;min-height:1.5rem}.above a{display:inline-block;min-height:1.5rem;margin-left:auto}
.above:has(.lost){position:sticky;top:0;z-index:1;background:var(--paper);padding:.35rem 0}.lost{color:var(--bad);font-weight:600}
.newer{position:sticky;bottom:.5rem;box-shadow:0 0 0 1px var(--wait)}
.copy{font:inherit;font-family:system-ui,sans-serif;font-size:var(--tiny);line-height:1.2;min-width:4.9rem;min-height:1.5rem;padding:.1rem .5rem;border:1px solid var(--soft);border-radius:6px;background:var(--card);color:var(--accent);cursor:pointer;vertical-align:middle}
.command>.copy{margin-left:.5rem}.data>.copy{display:block;margin:.35rem 0 0 auto}
.filter{margin:1rem 0}.filter .soft{display:block;min-height:1.4rem;margin-top:.4rem}.tools{display:flex;gap:.5rem;flex-wrap:wrap}
.button[aria-pressed=true]{background:var(--accent);color:var(--on-accent)}[hidden]{display:none!important}
dialog{background:var(--card);color:var(--ink);border:1px solid var(--line);border-radius:10px;padding:1.1rem 1.25rem;max-width:min(30rem,100vw - 2rem)}dialog::backdrop{background:rgb(0 0 0/.5)}
dialog dl{grid-template-columns:max-content 1fr;gap:.3rem 1rem}kbd{font:inherit;font-weight:600;border:1px solid var(--soft);border-radius:5px;padding:0 .4rem;color:var(--ink)}.switch{display:inline-block;min-height:1.5rem}
fieldset{border:0;margin:1rem 0;padding:0}
legend,label.field{font-weight:600;display:block;margin-bottom:.35rem}
.choice{display:flex;gap:.7rem;align-items:flex-start;border:1px solid var(--line);border-radius:8px;padding:.65rem .85rem;margin:.4rem 0}
.choice:has(:checked){border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent)}
.choice input{margin-top:.3rem;width:1.1rem;height:1.1rem;accent-color:var(--accent);flex:none}
.choice strong{display:block}
input[type=text],input[type=search],input[type=url],input[type=datetime-local],textarea,select{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--soft);border-radius:8px;padding:.55rem .7rem;min-height:2.8rem;width:100%;max-width:26rem}
input[type=file]{max-width:100%}textarea{max-width:100%;min-height:5.5rem}.brief-text{min-height:4rem}
input[aria-invalid],textarea[aria-invalid],select[aria-invalid]{border:2px solid var(--bad)}
.hint{display:block;margin-top:.25rem}
.command{display:flex;justify-content:space-between;align-items:center;background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:.5rem .7rem;margin:.35rem 0}
.slip{display:block;color:var(--bad);font-weight:600;margin-bottom:.35rem}
mark{background:var(--wait-bg);color:inherit;padding:.1rem .3rem;border-radius:4px}
.attempts>li{border-top:1px solid var(--line);padding:.6rem 0 .3rem}.attempts>li:first-child{border-top:0}.attempts>li.decides{border-left:4px solid var(--accent);padding-left:.75rem}
input.short{max-width:12rem;letter-spacing:.15em;text-transform:uppercase}
.button{display:inline-block;font:inherit;font-weight:600;border:1px solid var(--accent);background:var(--accent);color:var(--on-accent);border-radius:8px;padding:.6rem 1.2rem;cursor:pointer;text-decoration:none}
.button.plain{background:transparent;color:var(--accent)}.button.danger{background:transparent;color:var(--bad);border-color:var(--bad)}
.budgets>li{display:grid;grid-template-columns:6.5rem 9rem minmax(6rem,1fr) 20rem;gap:.25rem .75rem;align-items:center}.windows>li{grid-template-columns:6.5rem 19.5rem minmax(6rem,1fr) 18.5rem}.budgets .pill{justify-self:start}
meter{width:100%;height:1rem}dd meter{max-width:14rem;vertical-align:middle;margin-right:.5rem}
.number{min-width:5rem}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:.75rem 1.5rem}
.plot{margin:.75rem 0;min-width:0}.plot p{margin:0}.plot>svg{display:block;overflow:hidden;margin:.35rem 0}
.plot line,.plot path{stroke:var(--soft);fill:none}.plot text{fill:var(--soft);font-size:var(--tiny);paint-order:stroke;stroke:var(--card);stroke-width:3px;stroke-linejoin:round}.plot .limits{fill:var(--ink)}.panel path{vector-effect:non-scaling-stroke}
.plot .stroke,.key{stroke:var(--accent)}.plot .stroke{stroke-width:2.5}.plot .k1{stroke-dasharray:9 3}.plot .k2{stroke-dasharray:3 3}.plot .k3{stroke-dasharray:9 3 2 3}
.key::before{content:"";display:inline-block;width:1.5rem;border-top:3px solid var(--accent);margin-right:.35rem;vertical-align:middle}.key.k1::before{border-top-style:dashed}.key.k2::before,.key.k3::before{border-top-style:dotted}
.plot .limit{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:6 4}.plot .trend{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:1 4;stroke-linecap:round}
.plot .gap{fill:var(--calm-bg);stroke:var(--soft);stroke-dasharray:3 3}.plot .edge{stroke:var(--soft);stroke-dasharray:2 3}.plot .now{stroke:var(--accent)}
.plot .mark{stroke:var(--bad)}.plot .point{fill:var(--bad);stroke:var(--bad);stroke-width:1.5}.plot .red{fill:var(--bad)}.plot .cross{stroke:var(--bad);stroke-width:2.5}
.plot .off{stroke:var(--calm);fill:var(--card)}.plot .red.off{stroke:var(--calm)}.plot .mark.off{stroke-dasharray:2 2}.plot .bar{fill:var(--calm)}.plot .bar.bad{fill:var(--bad)}.jump{display:flex;flex-wrap:wrap;gap:.5rem}
.button.quiet{background:transparent;color:var(--accent);padding:.3rem .8rem}.button[aria-current]{background:var(--accent);color:var(--on-accent)}
@media (max-width:60rem){
.passed>li{display:block}.passed>li>span{display:block}
table,tbody,tr,td,tbody th{display:block;width:100%}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{border-top:1px solid var(--line);padding:.6rem 0}
td,tbody th{border:0;padding:.1rem 0}
tbody tr:first-child{border-top:0;padding-top:0}
td[data-name]::before{content:attr(data-name) ": ";color:var(--soft)}td[data-name]:empty{display:none}
}
@media (max-width:64rem){.windows>li{grid-template-columns:6.5rem minmax(0,1fr) 20rem}.windows meter{grid-row:2;grid-column:1/-1}ul.windows>li{margin:.9rem 0}}
@media (max-width:54rem){.top>div,.top nav{column-gap:.75rem}.search .ids{grid-template-columns:minmax(17rem,1.4fr) minmax(0,1fr)}.budgets>li{grid-template-columns:max-content 1fr}ul.budgets>li{margin:.9rem 0}.budgets meter,.budgets>li>span:last-child{grid-row:auto;grid-column:1/-1}}
@media (max-width:44rem){.search .ids{grid-template-columns:1fr}.few .fields{grid-template-columns:1fr 1fr}.figures{grid-template-columns:repeat(auto-fit,minmax(min(100%,8rem),1fr));gap:.75rem}
h1{font-size:var(--figure)}h1.long{font-size:var(--text)}h1.longest{font-size:var(--small)}
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}
.brief{display:block}.brief dt,.brief dd,.brief .said{display:inline}.brief dt::after{content:": "}.brief dd::after{content:"";display:block;height:.2rem}.brief .said::before{content:" "}.brief li{margin:0}.brief dd>ul{margin:.1rem 0}.brief dd>ul.plain:only-child,.brief dd>ul.plain:only-child>li:only-child{display:inline}
.moments>li{display:block}.moments time{display:block;color:var(--soft);font-size:var(--small)}.notable>li{display:block;margin:.5rem 0}.command{display:block}.command>.copy{display:block;margin:.35rem 0 0 auto}
/* Within a text a fold goes on in its line. */
.notable .inline,.brief .inline,.rest{display:inline}:is(.notable .inline,.brief .inline,.rest):not([open])::details-content{display:none}:is(.notable .inline,.brief .inline,.rest)>summary{display:inline}:is(.notable .inline,.brief .inline,.rest)>summary::before{content:" ▸ "}:is(.notable .inline,.brief .inline,.rest)[open]>summary::before{content:" ▾ "}
body{line-height:1.4;font-size:var(--dense)}dd meter{display:block;max-width:none;margin:.15rem 0}
.pill{white-space:normal}
.card{padding:.75rem .85rem;margin:.6rem 0}.card.slim{padding:.1rem .85rem;margin:.3rem 0}fieldset{margin:.5rem 0}.choice{padding:.4rem .75rem;margin:.25rem 0}.choice strong{display:inline}.choice strong::after{content:"."}main{padding:.5rem 1rem 1rem}
.top>div{flex-wrap:wrap;gap:.1rem 1rem;padding:.4rem 1rem;min-height:0}.top form{flex:1 1 0}.top form .button{padding:.15rem .7rem}.who{flex:1;line-height:1.2}.top nav{order:1;width:100%;gap:0 .5rem;justify-content:space-between}
.acts,.cards{gap:.6rem;margin:.6rem 0}.above{min-height:1.35rem}#note{min-height:4rem}.note{padding:.45rem .8rem;margin:.5rem 0}
.button{width:100%;text-align:center}.button.quiet{width:auto}
}
/* What is folded for a phone stands open where there is room, in browsers that can open it. */
@media (min-width:60rem){.attest{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 1.5rem;align-items:end}.attest>*{grid-column:1/-1}.attest>p[id^=of-]{grid-column:auto}
.answer fieldset,.answer .pair{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:.75rem;align-items:start}.answer .slip{grid-column:1/-1}.answer .choice{height:100%;margin:0}.answer .pair>:last-child{grid-column:2/-1}.answer .pair p{margin:0}
.asked:has(>:nth-child(6)){columns:2;column-gap:2rem}.asked>li{break-inside:avoid}
.brief{grid-template-columns:12.5rem 1fr}}
/* A phone shows one of each kind before the others; where all stand there, what fails comes first. */
@media (min-width:60rem){@supports selector(::details-content){.worst{display:flex;flex-direction:column}.worst>ul,.worst>.narrow-only,.worst>.narrow-only>ul{display:contents}.worst>ul>li,.worst>.narrow-only>ul>li{margin:.25rem 0;order:2}.worst li:has(>.pill.bad){order:1}.worst>details:not(.narrow-only){order:3}
.narrow-only::details-content{content-visibility:visible;display:contents;height:auto}.narrow-only>summary,.narrow-only>.cut,.said:has(>.narrow-only)>.cut{display:none}.rest,.wide{display:inline}.wide{white-space:pre-line}}}
/* Paper is white, shows what is folded, and has nothing to press. A table row, a check or a picture stays on one sheet. */
@media print{:root{color-scheme:light}body{background:#fff}.card{border-color:var(--soft)}.pill{border:1px solid}
.top,.skip,.above,form,button,.button,.jump,.copy,.filter,.tools,.newer{display:none!important}
details:has(>form){display:none}details::details-content{content-visibility:visible;display:block!important;height:auto}
h1,h2,h3,summary,.head{break-after:avoid}tr,li,.plot,.note,dd{break-inside:avoid}}
`;

/** Names the text by its digest, so that a browser may keep it for ever, and no page carries it. */
export const styleFile: string = `console-${sha256(style).slice(0, 16)}.css`;

/**
 * Nothing from elsewhere, and nothing that stands in the page: style, script, requests and forms of our own address. What this origin serves
 * beside the script and the stylesheet has a type that is neither, and `nosniff`.
 */
export const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
