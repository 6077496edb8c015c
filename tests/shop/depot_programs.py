# ruff: noqa: E501
"""The depot's programs. Each logs in the words of the software whose part it plays; none knows that it is part of a test."""

from tests.shop.programs import HEAD

GATE_CONF = """worker_processes 1;
upstream track { server track-view:8080; }
upstream scan { server scan-intake:8080; }
server {
  listen 8000;
  location /track { proxy_pass http://track; }
  location /scan { proxy_pass http://scan; }
}
"""
GATE = (
    HEAD
    + r"""const dns=require("dns").promises,fs=require("fs"),conf=fs.readFileSync("/etc/gate/gate.conf","utf8");
const now=()=>new Date().toISOString().slice(0,19).replace("T"," ").replace(/-/g,"/"),ups={};
const M=["Jan","Feb","Mar","Apr","May","Jun","Jul","Aug","Sep","Oct","Nov","Dec"];
const clf=()=>{const d=new Date(),t=d.toISOString();return t.slice(8,10)+"/"+M[d.getUTCMonth()]+"/"+t.slice(0,4)+":"+t.slice(11,19)+" +0000"};
async function start(){let n=0;for(const line of conf.split("\n")){n++;const m=/upstream (\w+) \{ server ([^:;]+):(\d+)/.exec(line);if(!m)continue;
try{ups[m[1]]={a:(await dns.lookup(m[2],4)).address,p:+m[3]}}catch(e){
console.error(`${now()} [emerg] 1#1: host not found in upstream "${m[2]}:${m[3]}" in /etc/gate/gate.conf:${n}`);
console.error(`nginx: [emerg] host not found in upstream "${m[2]}:${m[3]}" in /etc/gate/gate.conf:${n}`);process.exit(1)}}
console.error(`${now()} [notice] 1#1: start worker processes`);let c=0;
const pass=(path,done)=>{const u=ups[path.split("/")[1]],k=++c;const bad=(code,text)=>{console.error(`${now()} [error] 7#7: *${k} ${text}, client: 10.85.0.1, server: , request: "GET ${path} HTTP/1.1", upstream: "http://${u.a}:${u.p}${path}", host: "parcels.example"`);over(code)};
let ended=false;const over=code=>{if(ended)return;ended=true;console.log(`10.85.0.1 - - [${clf()}] "GET ${path} HTTP/1.1" ${code} 157 "-" "Scanner/4.2"`);done(code)};
const q=http.get({host:u.a,port:u.p,path,timeout:3500},r=>{r.resume();r.on("end",()=>over(r.statusCode))});
q.on("timeout",()=>{bad(504,"upstream timed out (110: Connection timed out) while reading response header from upstream");q.destroy()});
q.on("error",e=>{if(!ended)bad(502,e.code==="ECONNREFUSED"?"connect() failed (111: Connection refused) while connecting to upstream":"upstream prematurely closed connection while reading response header from upstream")})};
http.createServer((q,r)=>{if(!ups[q.url.split("/")[1]]){r.statusCode=404;return r.end()}pass(q.url,c=>{r.statusCode=c;r.end()})}).listen(8000);
setInterval(()=>{pass("/track/RR7041",()=>{});pass("/scan/tick",()=>{})},2000)}
start();"""
)
TRACK_VIEW = (
    HEAD
    + r"""console.log("=> Booting Puma\n* Listening on http://0.0.0.0:8080");
const L=E.LEDGER_HOST,[lh,lp]=(E.LABELS_TARGET||"").replace("dns:///","").split(":");let id=0;
function ledger(done){let over=false;const end=e=>{if(!over){over=true;s.destroy();done(e)}};const s=net.connect(3306,L);
s.setTimeout(2500,()=>end(`ActiveRecord::ConnectionNotEstablished (Can't connect to MySQL server on '${L}:3306' (110))`));
s.on("connect",()=>s.write(E.LEDGER_PASSWORD+"\n"));
s.on("data",d=>{const t=d.toString().trim();end(/^OK/.test(t)?null:/^ERR (.*)/.test(t)?"ActiveRecord::StatementInvalid (Mysql2::Error: "+t.slice(4)+")":"ActiveRecord::DatabaseConnectionError (Mysql2::Error::ConnectionError: Access denied for user 'parcels'@'10.85.0.8' (using password: YES))")});
s.on("end",()=>end("ActiveRecord::ConnectionFailed (Mysql2::Error::ConnectionError: Lost connection to MySQL server at 'reading initial communication packet', system error: 0)"));
s.on("error",e=>end(e.code==="ENOTFOUND"||e.code==="EAI_AGAIN"?`ActiveRecord::ConnectionNotEstablished (Unknown MySQL server host '${L}' (-2))`:`ActiveRecord::ConnectionNotEstablished (Can't connect to MySQL server on '${L}:3306' (111))`))}
function labels(done){let over=false;const end=e=>{if(!over){over=true;s.destroy();done(e)}};const s=net.connect(+lp,lh,()=>s.write("GET\n"));
s.setTimeout(2500,()=>end(`GRPC::DeadlineExceeded (4:Deadline Exceeded. target: ${lh}:${lp})`));s.on("data",d=>end(/OK/.test(d)?null:"GRPC::Internal (13:"+d.toString().trim()+")"));
s.on("end",()=>end("GRPC::Unavailable (14:Socket closed)"));
s.on("error",e=>end(e.code==="ENOTFOUND"||e.code==="EAI_AGAIN"?`GRPC::Unavailable (14:DNS resolution failed for ${lh}:${lp}: C-ares status is not ARES_SUCCESS qtype=A name=${lh} is_balancer=0: Domain name not found)`:`GRPC::Unavailable (14:failed to connect to all addresses; last error: UNKNOWN: ipv4:${e.address}:${e.port}: Failed to connect to remote host: Connection refused)`))}
http.createServer((q,r)=>{if(q.url==="/up")return r.end("ok");const k=(++id).toString(16).padStart(8,"0");
const fail=e=>{console.log(`F, [${new Date().toISOString().slice(0,23)} #1] FATAL -- : [${k}]   \nF, [${new Date().toISOString().slice(0,23)} #1] FATAL -- : [${k}] ${e}:\nF, [${new Date().toISOString().slice(0,23)} #1] FATAL -- : [${k}] app/models/parcel.rb:31:in \`find_by_code'`);r.statusCode=500;r.end("error")};
ledger(e=>{if(e)return fail(e);labels(e=>{if(e)return fail(e);r.end("{}")})})}).listen(8080);"""
)
SCAN_INTAKE = (
    HEAD
    + r"""const [bh,bp]=E.AMQP_ADDRESS.split(":"),t=()=>new Date().toISOString().replace("T"," ").slice(0,23);
console.log(t()+"  INFO 1 --- [main] c.d.s.ScanIntake                         : Started ScanIntake in 3.1 seconds");
let up=false,why="";function look(){console.log(t()+`  INFO 1 --- [nectionFactory1] o.s.a.r.c.CachingConnectionFactory       : Attempting to connect to: [${bh}:${bp}]`);
const s=net.connect(+bp,bh);const bad=m=>{why=m;s.destroy();console.error(t()+" ERROR 1 --- [ntContainer#0-1] o.s.a.r.l.SimpleMessageListenerContainer  : Failed to check/redeclare auto-delete queue(s).\n\norg.springframework.amqp."+m+"\n\tat org.springframework.amqp.rabbit.support.RabbitExceptionTranslator.convertRabbitAccessException(RabbitExceptionTranslator.java:61)\n\tat org.springframework.amqp.rabbit.connection.AbstractConnectionFactory.createBareConnection(AbstractConnectionFactory.java:510)");setTimeout(look,2500)};
s.setTimeout(3000,()=>bad("AmqpTimeoutException: java.util.concurrent.TimeoutException"));
s.on("error",e=>bad(e.code==="ECONNREFUSED"?"AmqpConnectException: java.net.ConnectException: Connection refused":"UncategorizedAmqpException: java.net.UnknownHostException: "+bh));
s.on("data",d=>{if(!/OK/.test(d))return bad("AmqpAuthenticationException: com.rabbitmq.client.AuthenticationFailureException: ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN");s.setTimeout(0);up=true;s.on("close",()=>{up=false;look()})});s.on("connect",()=>s.write("HELLO\n"))}
look();http.createServer((q,r)=>{if(q.url==="/actuator/health")return r.end('{"status":"UP"}');if(up)return r.end("ok");
console.error(t()+" ERROR 1 --- [nio-8080-exec-4] o.a.c.c.C.[.[.[/].[dispatcherServlet]    : Servlet.service() for servlet [dispatcherServlet] in context with path [] threw exception [Request processing failed: org.springframework.amqp."+why+"] with root cause");r.statusCode=500;r.end("{}")}).listen(8080);"""
)
SORTER = (
    HEAD
    + r"""const d=new URL(E.DSN),b=new URL(E.BROKER),t=()=>"["+new Date().toISOString().replace("T"," ").slice(0,19)+",118: ";
console.log(t()+"INFO/MainProcess] celery@sorter ready.");
setInterval(()=>{const s=net.connect(+b.port,b.hostname,()=>s.write("HELLO\n"));s.on("data",()=>s.destroy());
s.on("error",e=>console.error(t()+`ERROR/MainProcess] consumer: Cannot connect to ${E.BROKER}: ${e.code==="ENOTFOUND"?"[Errno -2] Name or service not known":"[Errno 111] Connection refused"}.\nTrying again in 2.00 seconds... (1/100)`))},2500);
setInterval(()=>{const s=net.connect(+d.port,d.hostname,()=>s.write(d.password+"\n"));
const no=m=>{s.destroy();console.error(t()+"ERROR/ForkPoolWorker-2] Task sorter.tasks.assign_chute[8f1c] raised unexpected: OperationalError("+m+")\nTraceback (most recent call last):\n  File \"/usr/lib/python3/dist-packages/celery/app/trace.py\", line 451, in trace_task\n  File \"/app/sorter/tasks.py\", line 88, in assign_chute\npymysql.err.OperationalError: ("+m+")")};
s.on("data",x=>{const r=x.toString().trim();if(/^OK/.test(r))return s.destroy();if(/^ERR/.test(r))return no('1205, "'+r.slice(4)+'"');no(`1045, "Access denied for user 'parcels'@'10.85.0.14' (using password: YES)"`)});
s.on("error",e=>no(`2003, "Can't connect to MySQL server on '${d.hostname}' (${e.code==="ENOTFOUND"?"[Errno -2] Name or service not known":"[Errno 111] Connection refused"})"`))},3000);"""
)
BROKER = (
    HEAD
    + """const t=()=>new Date().toISOString().replace("T"," ").slice(0,23)+"000+00:00 ";console.log(t()+"[info] <0.9.0> Server startup complete; 4 plugins started.");
net.createServer(s=>{s.on("error",()=>{});s.on("data",()=>s.write("OK\\n"))}).listen(5672);"""
)
LEDGER = (
    HEAD
    + """console.log(new Date().toISOString()+" 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '8.0.39'  socket: '/run/mysqld/mysqld.sock'  port: 3306");
net.createServer(s=>{s.on("error",()=>{});s.on("data",d=>{if(d.toString().trim()===E.MYSQL_PASSWORD)s.write("OK\\n");else{
console.log(new Date().toISOString()+" 41 [Note] [MY-010926] [Server] Access denied for user 'parcels'@'10.85.0.8' (using password: YES)");s.end("NO\\n")}})}).listen(3306);"""
)
LABELS = (
    HEAD
    + """console.log('{"level":"info","ts":1764435600.1,"caller":"labels/main.go:44","msg":"grpc server listening","addr":":9090"}');
net.createServer(s=>{s.on("error",()=>{});s.on("data",()=>s.write("OK\\n"))}).listen(9090);"""
)
MANIFEST = 'fetch("http://track-view:8080/manifest").then(r=>process.exit(r.ok?0:1),e=>{console.error("manifest: "+e.cause.message);process.exit(1)})'
