"""How the lab's page looks."""

STYLE = """
:root{color-scheme:light dark;--ink:#1b1b1f;--soft:#5b5b66;--line:#dcdce2;--page:#f6f6f8;--card:#fff;--key:#8a2b06;
--hot:#fff3ec}
@media (prefers-color-scheme:dark){:root{--ink:#ececf1;--soft:#a5a5b3;--line:#3a3a44;--page:#141417;--card:#1d1d22;
--key:#ff9c6b;--hot:#2c1d15}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;margin:0;color:var(--ink);background:var(--page)}
.banner{position:sticky;top:0;z-index:1;background:#7a1f00;color:#fff;padding:.55rem 1.25rem}
.banner strong{background:#fff;color:#7a1f00;border-radius:.25rem;padding:.05rem .45rem;margin-right:.5rem}
main{max-width:84rem;margin:0 auto;padding:1rem 1.25rem 4rem}
header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem 1.5rem}
h1{font-size:1.6rem;margin:.5rem 0}h2{font-size:1.2rem;margin:0 0 .75rem}h3{font-size:.95rem;margin:1.25rem 0 .35rem}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem}a{color:var(--key)}p{margin:.25rem 0;color:var(--soft)}
section{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.25rem;margin:1rem 0;
scroll-margin-top:3.5rem}
.hot{background:var(--hot);border-color:var(--key)}
.wide{overflow-x:auto;margin:.25rem 0 .75rem}table{border-collapse:collapse;min-width:min(100%,22rem)}
th,td{border-bottom:1px solid var(--line);padding:.35rem 1.25rem .35rem 0;text-align:left;white-space:nowrap}
th{font-weight:600;color:var(--soft);font-size:.85rem}.n{text-align:right}td{font-variant-numeric:tabular-nums}
.presets{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem;margin:.4rem 0}
.presets span{color:var(--soft);min-width:9rem}
.text{white-space:normal;min-width:14rem}
.fields{display:flex;flex-wrap:wrap;align-items:end;gap:.5rem .75rem;margin:.6rem 0}
label{display:grid;gap:.15rem;font-size:.85rem;color:var(--soft);min-width:0;max-width:100%}
input,select,button{font:inherit;color:inherit;padding:.35rem .6rem;border:1px solid var(--line);border-radius:.4rem;
background:var(--card);max-width:100%;min-height:2.3rem}
button{cursor:pointer;background:var(--page)}button:hover{border-color:var(--key)}
:focus-visible{outline:2px solid var(--key);outline-offset:2px}
details{margin:.75rem 0}summary{cursor:pointer;color:var(--key);padding:.2rem 0}
code{font:inherit}.reset p{margin-top:.35rem}
@media (max-width:30rem){main{padding:.5rem .75rem 3rem}section{padding:.85rem .9rem}.banner{padding:.5rem .75rem}
.presets span{flex-basis:100%}.fields label,.fields input,.fields select{width:100%}}
"""
