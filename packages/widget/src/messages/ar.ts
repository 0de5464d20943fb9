import type { Catalogue, PluralForms } from './messages.js'

const FILE_TYPES: Readonly<Record<string, string>> = { 'image/*': 'صور', 'video/*': 'فيديو', 'audio/*': 'صوت', 'text/*': 'نص' }

/** Files as the subject of a sentence, in all six forms. */
const files = (sentence: (files: string) => string): PluralForms => ({
  zero: sentence('# ملف'),
  one: sentence('ملف واحد'),
  two: sentence('ملفان'),
  few: sentence('# ملفات'),
  many: sentence('# ملفًا'),
  other: sentence('# ملف'),
})

/** The same after a verb or a preposition. */
const ofFiles = (sentence: (files: string) => string): PluralForms => ({ ...files(sentence), two: sentence('ملفين') })

const uploads = (sentence: (uploads: string) => string): PluralForms => ({
  zero: sentence('# عملية رفع'),
  one: sentence('عملية رفع واحدة'),
  two: sentence('عمليتي رفع'),
  few: sentence('# عمليات رفع'),
  many: sentence('# عملية رفع'),
  other: sentence('# عملية رفع'),
})

export const ar: Catalogue = ({ formats, text, plural, counted }) => ({
  uploads: 'عمليات الرفع',
  noFiles: 'لا توجد ملفات بعد',
  fileList: 'الملفات',
  allFiles: 'جميع الملفات',
  fileListHint: 'استخدم مفتاحي السهم لأعلى ولأسفل للتنقل بين الملفات.',
  unnamedFile: 'ملف بلا اسم',

  dropHere: 'أفلت الملفات أو المجلدات هنا',
  dropNow: 'أفلت للرفع',
  chooseFiles: 'اختيار ملفات',
  chooseFolder: 'اختيار مجلد',
  readingFolder: counted(files((some) => `جارٍ قراءة المجلد… ${some} حتى الآن`)),
  unreadableFiles: (count, first) =>
    plural(
      count,
      {
        ...ofFiles((some) => `تعذرت قراءة ${some}، أولها «{first}».`),
        one: 'تعذرت قراءة «{first}».',
        two: 'تعذرت قراءة ملفين، أولهما «{first}».',
      },
      { first },
    ),
  fileType: (type) => FILE_TYPES[type] ?? type,
  restrictions: ({ types, maxBytes, maxFiles }) =>
    [
      types,
      maxBytes && text('حتى {maxBytes} لكل ملف', { maxBytes }),
      maxFiles &&
        plural(
          maxFiles,
          files((some) => `${some} على الأكثر`),
        ),
    ]
      .filter(Boolean)
      .join(' · '),

  uploading: (count, percent) =>
    plural(
      count,
      ofFiles((some) => `جارٍ رفع ${some} ({percent})`),
      { percent },
    ),
  processing: counted(ofFiles((some) => `جارٍ معالجة ${some}`)),
  waitingCount: counted({ other: 'في الانتظار: #' }),
  completedCount: counted({ other: 'مكتمل: #' }),
  failedCount: counted({ other: 'فشل: #' }),
  cancelledCount: counted({ other: 'ملغى: #' }),
  heldCount: counted({ other: 'متوقف مؤقتًا · المتبقي: #' }),
  readyCount: counted(files((some) => `جاهز · ${some}`)),
  bytesOf: (sent, total) => text('{sent} من {total}', { sent, total }),
  timeLeft: (duration) => text('يتبقى {duration}', { duration }),

  badge: {
    queued: 'في قائمة الانتظار',
    preparing: 'قيد التحضير',
    uploading: 'قيد الرفع',
    paused: 'متوقف مؤقتًا',
    waiting: 'في الانتظار',
    offline: 'لا يوجد اتصال',
    processing: 'قيد المعالجة',
    overdue: 'ما زال قيد التحقق…',
    completed: 'مكتمل',
    failed: 'فشل',
    cancelled: 'ملغى',
  },
  waitingFor: {
    backoff: 'ستُعاد المحاولة قريبًا.',
    offline: 'يُستأنف تلقائيًا عند إمكان الوصول إلى الخادم.',
    auth: 'اضغط «إعادة المحاولة» للمتابعة.',
  },
  overdueDetail: 'يستغرق الخادم وقتًا أطول من المعتاد.',
  cancelTooLate: 'اكتمل قبل أن يمكن إلغاؤه.',
  retryHint: 'اضغط «إعادة المحاولة» للمحاولة مرة أخرى.',
  progressOf: (name) => text('تقدم {name}', { name }),

  action: {
    cancel: 'إلغاء',
    pause: 'إيقاف مؤقت',
    resume: 'استئناف',
    retry: 'إعادة المحاولة',
    remove: 'إزالة',
    chooseAgain: 'اختيار الملف مجددًا',
    start: 'بدء',
    pauseAll: 'إيقاف الكل مؤقتًا',
    resumeAll: 'استئناف الكل',
    retryFailed: counted({ other: 'إعادة محاولة الفاشل (#)' }),
    clearCompleted: counted({ other: 'مسح المكتمل (#)' }),
    collapse: 'طي',
    expand: 'عرض عمليات الرفع',
    dismiss: 'إغلاق',
  },
  actionOn: (action, name) => text('{action}: {name}', { action, name }),

  rejected: counted(ofFiles((some) => `لم تتم إضافة ${some}`)),
  andMore: counted({ other: 'و# غيرها' }),

  error: {
    network: 'انقطع الاتصال.',
    stalled: 'لم يستجب الخادم في الوقت المناسب.',
    throttled: 'الخادم مشغول. سيُستأنف الرفع بعد لحظات.',
    signed_out: 'لم تعد مسجلًا للدخول. سجّل الدخول وحاول مرة أخرى.',
    forbidden: 'غير مسموح لك بالرفع هنا.',
    server: 'حدثت مشكلة في الخادم.',
    rejected: 'رفض الخادم الطلب.',
    bad_answer: 'تعذر فهم استجابة الخادم.',
    file_unreadable: 'لم تعد قراءة الملف ممكنة. اختره مجددًا للمتابعة.',
    file_too_large: (size) => text('الملف كبير جدًا. الحد الأقصى هو {size}.', { size }),
    file_too_small: (size) => text('الملف صغير جدًا. الحد الأدنى هو {size}.', { size }),
    file_type: (types) => text('هذا النوع من الملفات غير مقبول. الأنواع المقبولة: {types}.', { types }),
    too_many_files: counted(ofFiles((some) => `لا يمكن رفع أكثر من ${some} في المرة الواحدة.`)),
    validation: 'تعذر التحقق من الملف.',
    prepare_failed: 'تعذر تحضير الملف.',
    remote_error: 'تعذرت على الخادم معالجة هذا الملف.',
    unsupported_plan: 'يطلب الخادم طريقة إرسال لا تدعمها هذه الصفحة.',
    files_not_kept: 'لا توجد مساحة للاحتفاظ بالملفات: سيلزم اختيارها مجددًا بعد إعادة التحميل.',
    not_persisted: 'لا يحتفظ المتصفح بقائمة الانتظار: ستُفقد عند إعادة التحميل.',
    aborted: 'أُوقف الرفع.',
  },

  connection: {
    live: 'مباشر',
    connecting: 'جارٍ الاتصال…',
    reconnecting: 'جارٍ إعادة الاتصال…',
    lost: 'غير متصل',
    polling: 'يُسأل الخادم من حين لآخر',
    offline: 'بلا إنترنت',
    latency: (milliseconds) => text('يستجيب خلال {milliseconds} م.ث', { milliseconds }),
    attempt: counted({ other: 'المحاولة #' }),
  },

  panel: {
    tabs: 'عرض الملفات',
    tab: { all: 'الكل', active: 'نشط', completed: 'مكتمل', failed: 'فاشل' },
    nothing: {
      all: 'لا توجد ملفات بعد',
      active: 'لا شيء قيد الرفع',
      completed: 'لم يكتمل شيء بعد',
      failed: 'لم يفشل شيء',
    },
    cancelAll: 'إلغاء الكل',
    clearAll: 'مسح الكل',
    clearFailed: counted({ other: 'مسح الفاشل (#)' }),
    askCancel: counted(uploads((some) => `هل تريد إلغاء ${some}؟`)),
    askDetail: 'سيُحذف ما أُرسل منها.',
    confirmCancel: 'إلغاء الرفع',
    keep: 'متابعة الرفع',
    job: {
      title: 'المهمة',
      queued: 'في قائمة الانتظار',
      running: 'قيد التنفيذ',
      completed: 'مكتملة',
      partly: 'مكتملة جزئيًا',
      failed: 'فشلت',
      done: (completed, total) => plural(total, { other: 'اكتمل {completed} من #' }, { completed }),
    },
    notifications: 'الإشعارات',
    uploaded: counted(files((some) => `تم رفع ${some}`)),
    someUploaded: (completed, total) =>
      plural(
        total,
        ofFiles((some) => `تم رفع {completed} من ${some}`),
        { completed },
      ),
    noneUploaded: counted(files((some) => `فشل ${some}`)),
    showFailed: 'عرض الفاشل',
  },

  frame: {
    move: 'نقل إلى الزاوية التالية',
    moveHint: 'اسحبه أو استخدم مفاتيح الأسهم، مع Shift لخطوات أكبر. مفتاح Home يعيده إلى مكانه.',
    corner: { bottomRight: 'أسفل اليمين', bottomLeft: 'أسفل اليسار', topLeft: 'أعلى اليسار', topRight: 'أعلى اليمين' },
  },

  dropzone: {
    dropAnywhere: 'أفلت الملفات في أي مكان',
    takePhoto: 'التقاط صورة',
    recordVideo: 'تسجيل فيديو',
  },

  form: {
    unfinished: 'ما زال الرفع جاريًا. انتظر حتى ينتهي أو ألغِه.',
    held: 'الرفع متوقف مؤقتًا. استأنفه أو ألغِه.',
    ready: 'لم يبدأ الرفع بعد. ابدأه أو ألغِه.',
    failed: counted(files((some) => `فشل ${some}. أعد المحاولة أو أزل ما فشل.`)),
    missing: 'يُرجى إضافة ملف.',
    restored: counted(files((some) => `${some} من السابق`)),
  },

  row: {
    details: 'التفاصيل',
    code: 'رمز الخطأ',
    uploadId: 'معرّف الرفع',
    operationId: 'معرّف العملية',
    type: 'النوع',
    size: 'الحجم',
    bytes: counted({ zero: '# بايت', one: 'بايت واحد', two: 'بايتان', few: '# بايتات', many: '# بايتًا', other: '# بايت' }),
    folder: 'المجلد',
    added: 'وقت الإضافة',
    attempt: 'المحاولة',
    copy: (what) => text('نسخ: {what}', { what }),
    copied: 'تم النسخ',
    notCopied: 'تعذر النسخ. النص محدد الآن: انسخه بلوحة المفاتيح.',
    openResult: 'فتح الملف المرفوع',
  },

  queue: {
    title: 'قائمة الانتظار',
    list: 'الملفات حسب ترتيبها',
    hint: 'استخدم مفتاحي السهم لأعلى ولأسفل للتنقل بين الملفات، ومع Alt لنقل ملف.',
    empty: 'لا شيء في الانتظار',
    emptyHint: 'تنتظر الملفات دورها هنا.',
    statistics: { waiting: 'في الانتظار', uploading: 'قيد الرفع', paused: 'متوقف', done: 'مكتمل', failed: 'فاشل' },
    position: (position, total) => text('الموضع {position} من {total}', { position, total }),
    handle: 'نقل',
    handleHint: 'اضغط مفتاح المسافة لرفع الملف، والأسهم لنقله، والمسافة لوضعه، أو Escape لإعادته إلى مكانه.',
    more: 'مزيد من الإجراءات',
    toTop: 'نقل إلى البداية',
    up: 'نقل لأعلى',
    down: 'نقل لأسفل',
    toBottom: 'نقل إلى النهاية',
    priority: 'الأولوية',
    level: { high: 'عالية', normal: 'عادية', low: 'منخفضة' },
    fixed: {
      uploading: 'إنه قيد الرفع بالفعل ويحتفظ بمكانه.',
      elsewhere: 'ترفعه علامة تبويب أخرى: يُحدَّد مكانه هناك.',
    },
    say: {
      lifted: (name, position, total) => text('تم التقاط {name}، الموضع {position} من {total}.', { name, position, total }),
      over: (position, total) => text('الموضع {position} من {total}.', { position, total }),
      moved: (name, position, total) => text('نُقل {name} إلى الموضع {position} من {total}.', { name, position, total }),
      putBack: (name, position, total) => text('عاد {name} إلى الموضع {position} من {total}.', { name, position, total }),
      started: (name) => text('{name} قيد الرفع الآن ولم يُنقل.', { name }),
      left: (name) => text('غادر {name} قائمة الانتظار.', { name }),
      priority: (name, level) => text('{name}: الأولوية {level}.', { name, level }),
      fixed: (name, reason) => text('لم يُنقل {name}. {reason}', { name, reason }),
    },
  },

  say: {
    added: counted(files((some) => `تمت إضافة ${some}.`)),
    progress: (completed, total, percent) => plural(total, { other: 'تم رفع {completed} من #، {percent}.' }, { completed, percent }),
    overdue: (count, name) =>
      plural(
        count,
        {
          ...ofFiles((some) => `ما زال التحقق جاريًا من ${some}، أولها {name}.`),
          one: 'ما زال التحقق جاريًا من {name}.',
          two: 'ما زال التحقق جاريًا من ملفين، أولهما {name}.',
        },
        { name },
      ),
    connectionLost: 'انقطع الاتصال بالخادم. تجري إعادة المحاولة.',
    connectionBack: 'عاد الاتصال بالخادم.',
    allEnded: (parts) => text('انتهت عمليات الرفع: {parts}.', { parts: formats.list(parts) }),
    failed: (name, reason) => text('فشل {name}. {reason}', { name, reason }),
    manyFailed: (count, name, reason) =>
      plural(
        count,
        { ...uploads((some) => `فشلت ${some}. آخرها {name}: {reason}`), two: 'فشلت عمليتا رفع. آخرهما {name}: {reason}' },
        { name, reason },
      ),
    rejected: (count, name, reason) =>
      plural(
        count,
        {
          ...ofFiles((some) => `لم تتم إضافة ${some}. أولها {name}: {reason}`),
          one: 'لم تتم إضافة {name}. {reason}',
          two: 'لم تتم إضافة ملفين. أولهما {name}: {reason}',
        },
        { name, reason },
      ),
  },

  status: {
    title: 'حالة الخادم',
    polling: 'استعلام دوري',
    connection: 'الاتصال',
    transport: 'وسيلة النقل',
    latency: 'زمن الاستجابة',
    lastHeard: 'آخر إشارة',
    attempt: (count) => text('المحاولة {count}', { count }),
    unknown: 'غير معروف بعد',
    stale: 'المعروض هو آخر ما هو معروف.',
    tryAgain: 'إعادة المحاولة',
    health: 'السلامة',
    healthIs: { healthy: 'سليم', warning: 'تحذير', critical: 'حرج' },
    score: (score) => text('{score} من 100', { score }),
    part: { success: 'العمليات الناجحة', quickness: 'التحديثات السريعة', connected: 'وقت الاتصال' },
    weight: (percent) => text('الوزن {percent}', { percent }),
    messages: 'الرسائل في الثانية',
    data: 'البيانات في الثانية',
    errorRate: 'معدل الأخطاء',
    rising: (percent) => text('ارتفاع {percent}', { percent }),
    falling: (percent) => text('انخفاض {percent}', { percent }),
    steady: 'مستقر',
    range: (least, median, most) => text('من {least} إلى {most}، الوسيط {median}', { least, median, most }),
    noSamples: 'لا قياسات بعد',
    values: 'قيم آخر دقيقتين',
    time: 'الوقت',
    activeCount: counted({ other: 'نشط: #' }),
    active: 'العمليات الجارية',
    noneActive: 'لا شيء جارٍ.',
    history: 'السجل',
    noneEnded: 'لم ينتهِ شيء بعد.',
    type: { upload: 'رفع', delete: 'حذف', update: 'تعديل', full_sync: 'مزامنة كاملة', webhook: 'Webhook' },
    total: 'العمليات',
    successRate: 'معدل النجاح',
    duration: 'متوسط المدة',
    peak: 'الأكثر في آن واحد',
    perMinute: 'في الدقيقة',
    subscriptions: 'الاشتراكات',
    allOperations: 'جميع العمليات',
    job: (id) => text('المهمة {id}', { id }),
    operation: (id) => text('العملية {id}', { id }),
    following: 'قيد المتابعة',
    column: {
      topic: 'الموضوع',
      state: 'الحالة',
      messages: 'الرسائل',
      bytes: 'البيانات',
      slowest: text('أبطأ {percent}', { percent: formats.percent(0.05) }),
      errors: 'الأخطاء',
    },
    saidLive: 'عاد الاتصال بالخادم.',
    saidLost: 'انقطع الاتصال بالخادم.',
  },

  operation: {
    looking: 'جارٍ البحث…',
    unknown: 'هذه العملية غير موجودة، أو لا يحق لك عرضها.',
    items: (done, total) => text('{done} من {total} من العناصر', { done, total }),
    failedItems: counted({ other: 'فشل: #' }),
    revoked: 'تراجع الخادم عن تأكيده.',
    saidCompleted: (name) => text('اكتمل {name}.', { name }),
    saidCancelled: (name) => text('أُلغي {name}.', { name }),
  },
})
