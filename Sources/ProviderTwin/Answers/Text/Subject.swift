/// A field of knowledge that a word points to, with the capability that it takes.
struct Subject {
    var stem: String
    var domain: String
    var capability: String

    private static let all: [Subject] = [
        ("finan", "finance", "financial_analysis"), ("reven", "finance", "financial_analysis"),
        ("cash", "finance", "budgeting"), ("budge", "finance", "budgeting"), ("price", "finance", "pricing_strategy"),
        ("prici", "finance", "pricing_strategy"), ("forec", "finance", "forecasting"),
        ("cost", "finance", "cost_benefit_analysis"), ("costs", "finance", "cost_benefit_analysis"),
        ("marke", "business", "market_knowledge"), ("compe", "business", "competitor_analysis"),
        ("strat", "business", "strategy"), ("custo", "business", "customer_insights"),
        ("brand", "marketing", "positioning"), ("campa", "marketing", "campaign_planning"),
        ("risk", "risk", "risk_assessment"), ("risks", "risk", "risk_assessment"),
        ("legal", "legal", "legal_analysis"), ("contr", "legal", "contract_review"),
        ("regul", "legal", "regulatory_compliance"), ("priva", "legal", "privacy_law"),
        ("secur", "software", "security_review"), ("softw", "software", "software_development"),
        ("archi", "software", "software_architecture"), ("datab", "software", "database_design"),
        ("code", "software", "code_review"), ("cloud", "software", "infrastructure"),
        ("data", "data", "data_analysis"), ("stati", "data", "statistical_modeling"),
        ("surve", "research", "survey_design"), ("users", "research", "user_research"),
        ("patie", "health", "patient_flow"), ("clini", "health", "clinical_quality"),
        ("healt", "health", "healthcare_operations"), ("energ", "energy", "energy_analysis"),
        ("emiss", "energy", "emissions_accounting"), ("suppl", "operations", "supply_chain"),
        ("inven", "operations", "inventory_management"), ("sched", "operations", "scheduling"),
        ("train", "education", "training_development"), ("curri", "education", "curriculum_design"),
        ("polic", "policy", "policy_analysis"), ("emplo", "people", "employee_engagement"),
        ("write", "writing", "technical_writing"), ("docum", "writing", "documentation"),
        ("resea", "research", "desk_research"), ("liter", "research", "literature_review"),
    ].map { Subject(stem: $0.0, domain: $0.1, capability: $0.2) }

    private static let mostCapabilities = 5

    /// The subjects whose stems occur, in the order of the table.
    static func matches(in text: String) -> [Subject] {
        let stems = Set(Wording.keywords(text, limit: 80).map(Wording.stem))
        return all.filter { stems.contains($0.stem) }
    }

    /// The distinct capabilities of subjects; something general if there are none.
    static func capabilities(of subjects: [Subject]) -> [String] {
        var capabilities: [String] = []
        for subject in subjects where !capabilities.contains(subject.capability) {
            capabilities.append(subject.capability)
        }
        return capabilities.isEmpty ? ["general_analysis"] : Array(capabilities.prefix(mostCapabilities))
    }
}
