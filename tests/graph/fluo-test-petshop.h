/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph/fluo-graph-layout.h"

/* The Petshop's map as the design draws it. Importance: faults in percent, then a little for the
 * traffic. */

enum
{
  CLIENTS,
  PROD,
  CHECKOUT,
  SEARCH,
  PAYMENTS,
  INVENTORY,
  ORDERS,
  EMAILS,
  BANK,
  STOCK,
  ORDERS_DB,
  MAILER,
  SES,
  CATALOG,
  N_PETSHOP
};

static const FluoLayoutNode petshop_nodes[N_PETSHOP] = {
  [CLIENTS] = { 90, 100, 0.8 },   [PROD] = { 140, 100, 0.8 },    [CHECKOUT] = { 135, 100, 1.5 },
  [SEARCH] = { 130, 100, 0.4 },   [PAYMENTS] = { 145, 100, 2.6 }, [INVENTORY] = { 130, 100, 0.3 },
  [ORDERS] = { 130, 100, 0.2 },   [EMAILS] = { 135, 100, 0.1 },   [BANK] = { 140, 100, 3.1 },
  [STOCK] = { 130, 100, 0.3 },    [ORDERS_DB] = { 130, 100, 0.2 }, [MAILER] = { 135, 100, 0.1 },
  [SES] = { 130, 100, 0.1 },      [CATALOG] = { 130, 100, 0.4 },
};

static const FluoLayoutEdge petshop_edges[] = {
  { CLIENTS, PROD, 1 },         { PROD, CHECKOUT, 0.43 },      { PROD, SEARCH, 0.57 },
  { CHECKOUT, PAYMENTS, 0.22 }, { CHECKOUT, INVENTORY, 0.37 }, { CHECKOUT, ORDERS, 0.23 },
  { CHECKOUT, EMAILS, 0.18 },   { PAYMENTS, BANK, 0.18 },      { INVENTORY, STOCK, 0.55 },
  { ORDERS, ORDERS_DB, 0.23 },  { EMAILS, MAILER, 0.18 },      { MAILER, SES, 0.18 },
  { SEARCH, CATALOG, 0.56 },
};

#define N_PETSHOP_EDGES G_N_ELEMENTS (petshop_edges)
