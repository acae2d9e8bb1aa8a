namespace FedValue.Cli.Reporting;

/// <summary>The style sheet. It holds no <c>&lt;</c>, <c>&gt;</c> or <c>&amp;</c>: HTML would not unescape them here.</summary>
static class ReportStyle
{
    public const string Sheet = Colours + Page + Tables + Drawings + Choice + Narrow + Print;

    /// <summary>Blue and orange differ for every eye; where there are more than these two, names stand beside them.</summary>
    const string Colours = """

        :root{color-scheme:light;--paper:#f6f6f3;--card:#fff;--ink:#1a1d23;--soft:#565e6b;--line:#dfe0dc;--grid:#e8e9e6;--zero:#8d949f;
        --plus:#0064b0;--minus:#c24a00;--warn:#fff4dc;--warn-line:#d99a1c;
        --s1:#0064b0;--s2:#c24a00;--s3:#007f68;--s4:#9a3d8f;--s5:#8a6a00;--s6:#3f8fc8;--s7:#b02a58;--s8:#5d6470}
        @media screen and (prefers-color-scheme:dark){
        :root{color-scheme:dark;--paper:#101216;--card:#171a20;--ink:#e9ebef;--soft:#a0a8b6;--line:#2c313a;--grid:#262a32;--zero:#6f7887;
        --plus:#63b3f3;--minus:#f2925a;--warn:#2e2615;--warn-line:#d8a93a;
        --s1:#63b3f3;--s2:#f2925a;--s3:#46c2a2;--s4:#d690d4;--s5:#d8b740;--s6:#a9d3f5;--s7:#f2839f;--s8:#b9bec9}}

        """;

    const string Page = """
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
        body{margin:0;background:var(--paper);color:var(--ink);font-variant-numeric:tabular-nums;
        font:15px/1.5 Inter,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
        main,footer{max-width:1120px;margin:0 auto;padding:0 24px}
        header{padding:40px 0 8px}
        h1{font-size:34px;line-height:1.15;letter-spacing:-.02em;margin:4px 0 12px}
        h2{font-size:22px;letter-spacing:-.01em;margin:0 0 10px}
        h3{font-size:15px;margin:26px 0 6px}
        p{margin:0 0 10px;max-width:78ch}
        a{color:var(--plus);text-underline-offset:3px}
        code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
        pre{margin:0;padding:8px 12px;background:var(--card);border:1px solid var(--line);border-radius:8px;color:var(--ink);
        white-space:pre-wrap;overflow-wrap:anywhere}
        section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:24px;margin:20px 0;scroll-margin-top:12px}
        .brand{font-size:13px;font-weight:600;color:var(--plus);margin:0}
        .lede{font-size:18px;color:var(--soft);max-width:70ch}
        .lede b{color:var(--ink);font-weight:600}
        .soft{color:var(--soft);font-weight:400}
        p.soft{font-size:14px}
        .finding{font-size:16px}
        .warnings{background:var(--warn);border:1px solid var(--warn-line);border-left-width:6px;border-radius:8px;
        padding:14px 18px;margin:18px 0}
        .warnings h2{font-size:15px;margin:0 0 4px;letter-spacing:0}
        .warnings ul{margin:0;padding-left:20px}
        .cards{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;margin:20px 0 12px}
        .card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:14px 16px}
        .card p{margin:0}
        .card .label{font-size:13px;color:var(--soft)}
        .card .figure{font-size:30px;font-weight:650;letter-spacing:-.02em;line-height:1.25;overflow-wrap:anywhere}
        .card p.soft{font-size:13px;line-height:1.35}
        .ledger{font-size:14px;color:var(--soft);padding:6px 2px}
        .ledger p{margin:0 0 4px;max-width:none}
        .ledger b{color:var(--ink)}
        .root{overflow-wrap:anywhere;color:var(--ink)}
        nav{display:flex;flex-wrap:wrap;gap:4px 18px;padding:8px 0;font-size:14px}
        details{margin-top:16px;font-size:14px}
        summary{cursor:pointer;color:var(--plus);padding:2px 0}
        dl{columns:2;column-gap:40px;margin:0}
        dl div{break-inside:avoid;padding-bottom:14px}
        dt{font-weight:600}
        dd{margin:0;max-width:78ch}
        .reading li{margin:4px 0;max-width:78ch}
        .reading ul{padding-left:20px}
        footer{padding-bottom:48px;color:var(--soft);font-size:13px}

        """;

    const string Tables = """
        .scroll{overflow-x:auto;max-width:100%}
        .scroll:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--plus);outline-offset:2px}
        .long{max-height:min(760px,86vh);overflow-y:auto;border-bottom:1px solid var(--line)}
        .long thead th{position:sticky;top:0;background:var(--card);z-index:2}
        .long tfoot{position:sticky;bottom:0;background:var(--card);z-index:2}
        table{border-collapse:collapse;width:100%;font-size:14px}
        th,td{padding:5px 10px;text-align:left;vertical-align:middle;border-bottom:1px solid var(--grid)}
        th:first-child,td:first-child{padding-left:0}
        thead th{font-size:12.5px;font-weight:500;color:var(--soft);vertical-align:bottom;border-bottom-color:var(--line);line-height:1.3}
        tbody th,tfoot th{font-weight:500}
        th.num,td.num{text-align:right}
        td.num,.anomalies td,.anomalies tbody th{white-space:nowrap}
        td.plot{clip-path:inset(0)}
        tbody th:first-child{position:sticky;left:0;background:var(--card);z-index:1}
        .id{overflow-wrap:break-word}
        .done,.under{display:block;font-size:12.5px;font-weight:400;color:var(--soft);line-height:1.35}
        .axis td{border:0;padding-top:0;padding-bottom:2px}
        .people tbody th{min-width:150px;max-width:230px;line-height:1.35}
        .people td.plot{min-width:190px;width:30%;padding:0 14px}
        .people th.plot{padding-left:14px}
        .people td.value{padding-left:0}
        .people .share{min-width:130px}
        .people .share .bar{width:calc(100% - 62px);display:inline-block;vertical-align:middle}
        .people .share .num{float:right}
        .people .sum th,.people .sum td{border-bottom:0;color:var(--soft)}
        .totals{min-width:560px}
        .totals tbody th{min-width:110px;max-width:200px}
        .totals td.plot{width:60%;padding:0 16px}
        .totals tbody td,.totals tbody th{padding-top:1px;padding-bottom:1px}
        .heat{display:block;font-size:14px}
        .heat text{fill:var(--ink)}
        .heat .row{text-anchor:end}
        .heat .cell{text-anchor:middle}
        .heat .with{fill:var(--plus)}
        .heat .against{fill:var(--minus)}
        .methods{min-width:900px}
        .methods td,.methods th{vertical-align:top}
        .methods thead th{vertical-align:bottom}
        .methods tbody th{min-width:160px}
        .methods .words{min-width:280px}
        .methods .axioms{min-width:110px}
        .methods td.num .under{white-space:normal;min-width:120px}
        details table{width:auto;min-width:50%}

        """;

    const string Drawings = """
        svg{display:block;overflow:visible}
        svg text{font-size:11px;fill:var(--soft)}
        line{stroke-width:1}
        .dots,.strip{width:100%}
        .mid{text-anchor:middle}
        .last{text-anchor:end}
        .grid{stroke:var(--grid)}
        .zero{stroke:var(--zero)}
        .whisker{stroke:var(--ink);stroke-width:1.4;fill:none}
        .dot{fill:var(--plus);stroke:var(--plus);stroke-width:1.8}
        .dot.minus{fill:var(--minus);stroke:var(--minus)}
        .dot.open{fill:var(--card)}
        .legend{display:flex;flex-wrap:wrap;gap:2px 20px;font-size:13px;color:var(--soft);margin:6px 0 10px;max-width:none}
        .legend span{display:inline-flex;align-items:center;gap:6px}
        .pool .member,.legend .member{fill:var(--c);fill-opacity:.8}
        .pool-mean{fill:var(--card);stroke:var(--ink);stroke-width:1.6}
        .size{stroke:var(--ink);stroke-width:2}
        .equal{stroke:var(--zero);stroke-dasharray:3 3}
        .distances{width:auto}
        .mix .share{fill:var(--soft)}
        .amount,.drawn{fill:var(--plus)}
        .idle{fill:none;stroke:var(--line)}
        figure{margin:0;min-width:0;break-inside:avoid}
        .panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,230px),1fr));gap:16px 20px}
        .panels.few{grid-template-columns:repeat(auto-fill,minmax(min(100%,320px),1fr))}
        .panels figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;column-gap:10px;font-size:13px;line-height:1.35}
        .panels .id{font-weight:600;min-width:0}
        .panels .sum{color:var(--soft)}
        .panels .done{flex:0 0 100%;min-height:1.35em}
        .band{fill:var(--plus);fill-opacity:.2}
        .trace{fill:none;stroke:var(--plus);stroke-width:1.3;stroke-linejoin:round}
        .point{fill:var(--plus)}
        .point.open{fill:var(--card);stroke:var(--plus);stroke-width:1.4}
        .present{stroke:var(--soft)}
        .chart{width:100%}
        .scroll .chart{min-width:640px}
        .pair .chart{max-width:620px}
        .chart text{font-size:12px}
        .chart .line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}
        .chart .spot{fill:var(--c)}
        .chart .lead{fill:none;stroke:var(--c);stroke-width:1}
        .chart .label{font-size:13px;fill:var(--ink);white-space:pre}
        .s1{--c:var(--s1)}.s2{--c:var(--s2)}.s3{--c:var(--s3)}.s4{--c:var(--s4)}
        .s5{--c:var(--s5)}.s6{--c:var(--s6)}.s7{--c:var(--s7)}.s8{--c:var(--s8)}
        .unallocated{--c:var(--ink)}
        .unallocated .line{stroke-dasharray:5 4}
        .back{--c:var(--zero)}
        .back .line{stroke-width:1;stroke-opacity:.55}
        .chart g:hover .line{stroke-width:3.5;stroke-opacity:1}
        .pair{display:grid;grid-template-columns:1fr 1fr;gap:24px}

        """;

    /// <summary>The switch of the scale has its labels far away: fixed to the window, it is not scrolled to when one is clicked.</summary>
    const string Choice = """
        .choice{display:flex;flex-wrap:wrap;gap:6px;position:relative}
        .choice input{position:absolute;opacity:0;width:1px;height:1px}
        .choice #same-scale{position:fixed;top:50%;left:0;pointer-events:none}
        .choice label{border:1px solid var(--line);border-radius:999px;padding:4px 12px;font-size:13.5px;cursor:pointer;
        background:var(--card)}
        .choice label:hover{border-color:var(--soft)}
        .choice .toggle{display:inline-block;margin-bottom:10px}
        .pays{font-size:11.5px;margin-left:7px;padding:1px 7px;border-radius:999px;border:1px solid currentColor}
        .panel{display:none;flex:0 0 100%;min-width:0}
        .game{margin-top:14px}
        .same,#same-scale:checked~.panel .own{display:none}
        #same-scale:checked~.panel .same{display:block}
        #same-scale:checked~.panel .toggle{background:var(--ink);color:var(--card);border-color:var(--ink)}
        #same-scale:focus-visible~.panel .toggle{outline:2px solid var(--plus);outline-offset:2px}

        """;

    /// <summary>On a phone the participants' table becomes a list: three short lines for each.</summary>
    const string Narrow = """
        @media (max-width:820px){.pair,.cards{grid-template-columns:1fr 1fr}.pair{grid-template-columns:1fr}dl{columns:1}}
        @media (max-width:560px){
        main,footer{padding:0 12px}
        header{padding-top:22px}
        section{padding:16px 14px}
        h1{font-size:27px}
        .lede{font-size:16px}
        .card .figure{font-size:24px}
        .people,.people tbody,.people tfoot{display:block}
        .people thead,.people .blank{display:none}
        .people tfoot{position:static}
        .people tr{display:grid;grid-template-columns:1fr auto;gap:1px 12px;align-items:center;padding:9px 0;
        border-bottom:1px solid var(--grid)}
        .people tr.axis{padding:0;border:0}
        .people th,.people td{display:block;border:0;padding:0}
        .people tbody th{position:static;max-width:none;grid-row:1/3}
        .people .plot{grid-column:1/3;order:1}
        .people td.plot{padding:2px 6px;width:auto}
        .people .value{text-align:right}
        .people .examples{order:2}
        .people .classes{order:3;justify-self:end;grid-row:4/6;grid-column:2}
        .people .rounds{order:4}
        .people .payout{order:5;font-weight:600}
        .people .share{order:6;min-width:120px}
        .people .examples,.people .rounds,.people .payout{text-align:left}
        .people .examples,.people .rounds,.people .payout::after{color:var(--soft)}
        .people .examples::after{content:" examples"}
        .people .rounds::after{content:" rounds"}
        .people .payout::after{content:" minor units";font-weight:400}
        .people tfoot .payout{text-align:right}
        .people tfoot .share{grid-column:1/3}
        .totals{min-width:0}
        .totals th,.totals td{padding-left:4px;padding-right:4px}
        .totals tbody th{min-width:88px}
        .totals td.plot{min-width:130px;padding:0 8px}}

        """;

    const string Print = """
        @media print{
        body{background:none;font-size:12px}
        nav,.choice label,.choice .toggle,details{display:none}
        .pair{grid-template-columns:1fr 1fr}
        .scroll .chart,.methods,.totals,.methods .words{min-width:0}
        h2,h3,thead{break-after:avoid}
        section{border:0;padding:0}
        .scroll,.long{overflow:visible;max-height:none}
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
        header{padding-top:0}
        tfoot{display:table-row-group}
        tr,figure,.card,.heat{break-inside:avoid}}

        """;
}
